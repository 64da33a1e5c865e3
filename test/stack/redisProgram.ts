import { ACCOUNT, REDIS_LOGIN } from "../../lib/names.ts";
import { Host } from "../../components/docker/host.ts";
import { Images } from "../../components/docker/images.ts";
import { RedisCluster } from "../../components/redis/redisCluster.ts";
import { redisPasswords } from "../../components/redis/users.ts";
import { Credentials } from "../../components/security/credentials.ts";
import { CertificateAuthority } from "../../components/security/certificateAuthority.ts";
import { certificatePolicy } from "../../components/security/certificatePolicy.ts";
import { loadConfiguration } from "../../components/stack/read.ts";
import { StackGuard } from "../../components/stack/stackGuard.ts";

// The part of index.ts that is Redis: with the same components, configuration and names, in a fifth of the time.
const { configuration, passwords: own } = loadConfiguration();
const { prefix, ports, dataVolumes } = configuration;
const passwords = new Credentials({
  own,
  ownAccounts: configuration.ownPasswords,
  rotation: configuration.secrets.rotation,
  internalRotation: configuration.secrets.internalRotation,
  protect: dataVolumes.protect,
});
const authority = new CertificateAuthority("certificate-authority", { name: prefix });
const certificates = certificatePolicy(configuration.tls);
const guard = new StackGuard("stack-guard", configuration);
const certified = { authority, certificates };
const host = new Host("local", { ...configuration.hosts[0]!, prefix, guard, dataVolumes, ...certified });
const redis = new RedisCluster("redis", {
  host,
  image: new Images("images", { host }).id("redis"),
  port: ports.redis,
  settings: configuration.redis,
  passwords: redisPasswords(passwords),
  adminPasswords: passwords.valid(ACCOUNT.redisAdmin),
});

export const nodes = redis.nodes;
export const username = REDIS_LOGIN;
export const password = passwords.current(ACCOUNT.redis).password;
export const { certificate } = authority;
export const version = redis.version;
