import { checksHealth, isRoot } from "../../../components/docker/hardening.ts";
import { type Control, DOCKER, fineIf, listed, noneOf, ofContainers } from "../control.ts";

/** Names whose value would be a secret; a path is none. */
const SECRET_NAME =
  /\b\w*(PASSWORD|PASSWD|SECRET|TOKEN|PRIVATE_KEY|API_KEY|ACCESS_KEY)\w*=(?!["']?\/)["']?[^\s"']/i;
/** The layer of a base image as its own publisher has made it is no instruction of ours. */
const OWN_ADD = /^ADD |#\(nop\) ADD (?!file:\w+ in \/ ?$)/;
/** Refreshes the lists of packages, and installs nothing by them. */
const LONE_UPDATE = (run: string): boolean =>
  /apt-get( -\w+)* update/.test(run) && !/apt-get\b.*\b(install|upgrade)\b/s.test(run);

export const IMAGES: readonly Control[] = [
  ofContainers(
    "4.1",
    "A user of its own",
    ({ inspected: { Config } }) => fineIf(!isRoot(Config.User), `user ${Config.User || "root"}`),
    { fine: "no container runs as root", wrong: "runs as root" },
  ),
  ofContainers(
    "4.2",
    "Trusted base images",
    ({ image }) => {
      const base = image.labels["org.opencontainers.image.base.name"] ?? "unknown";
      return fineIf(/^debian:/.test(base), base);
    },
    {
      fine: "Debian's, or made from its archive by debootstrap",
      wrong: "the base is not known, or not Debian's",
    },
  ),
  ofContainers("4.3", "No unnecessary packages", ({ tools }) => noneOf(tools), {
    fine: "nothing that compiles, installs packages or fetches files",
    wrong:
      "a build's tools belong into a stage of its own, and apt out of the image (images/common/harden-and-sbom)",
  }),
  {
    id: "4.4",
    title: "Images are scanned, and rebuilt for patches",
    benchmark: DOCKER,
    check: ({ containers }) => ({
      result: "not applicable",
      reason:
        "no scanner is part of the program; a later PACKAGES_AS_OF in images/ rebuilds them with security updates",
      evidence: `built ${listed([...new Set(containers.map(({ image }) => `${image.name} ${image.created.slice(0, 10)}`))])}`,
    }),
  },
  ofContainers(
    "4.6",
    "Images bring a health check",
    ({ image, inspected: { Config } }) => {
      const given = checksHealth(Config.Healthcheck?.Test ?? []);
      return fineIf(image.hasHealthcheck || given, given ? "has a health check" : "has none");
    },
    { fine: "the script is in the image, and each container is made with it", wrong: "no health check" },
  ),
  ofContainers(
    "4.7",
    "Lists of packages are not refreshed alone",
    ({ image }) => {
      const alone = image.history.filter(LONE_UPDATE);
      return fineIf(alone.length === 0, alone.length === 0 ? "none" : `${alone.length} layers`);
    },
    { fine: "each refresh installs in the same layer", wrong: "a cached layer would keep an old list" },
  ),
  ofContainers("4.8", "No setuid and setgid files", ({ setuid }) => noneOf(setuid), {
    fine: "none in the image",
    wrong:
      "of no use to a process here (no-new-privileges, no capabilities), but the image still has them: chmod a-s when it is built",
  }),
  ofContainers(
    "4.9",
    "COPY and not ADD",
    ({ image }) => {
      const added = image.history.filter((line) => OWN_ADD.test(line));
      return fineIf(added.length === 0, added.length === 0 ? "no ADD" : `${added.length} × ADD`);
    },
    { fine: "nothing is fetched or unpacked on the way", wrong: "ADD fetches and unpacks" },
  ),
  ofContainers(
    "4.10",
    "No secrets in images",
    ({ image, inspected: { Config } }) => {
      const found = [...image.history, ...(Config.Env ?? [])].some((line) => SECRET_NAME.test(line));
      return fineIf(!found, found ? "a layer or variable is named like a secret" : "none");
    },
    { fine: "neither layers nor variables name one", wrong: "secrets belong into files below /run/acgs" },
  ),
];
