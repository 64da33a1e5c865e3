import { IMAGE_USERS, type ImageName } from "../../components/docker/images.ts";
import { CLIENT_PORT, PEER_PORT } from "../../components/etcd/etcdCommand.ts";
import { FILES_DIRECTORY, TLS_FILE } from "../../components/docker/containerFiles.ts";
import { docker } from "../support/engine.ts";

/**
 * What etcd says to somebody who took the files of a stack's container, such as `HTTP/1.0 200 OK on 2379`. It is asked in
 * its own network, so that the address fits every certificate, and its name alone decides.
 */
export async function etcdAnswers(prefix: string, kind: ImageName): Promise<string[]> {
  const script = `for port in ${CLIENT_PORT} ${PEER_PORT}; do
    answer=$(printf 'GET /version HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' \\
      | timeout 10 openssl s_client -quiet -connect localhost:$port -servername localhost \\
        -CAfile ${TLS_FILE.authority} -cert ${TLS_FILE.certificate} -key ${TLS_FILE.key} 2> /dev/null)
    if [[ -n $answer ]]; then printf '%s on %s\\n' "\${answer%%$'\\r'*}" "$port"; fi
  done`;
  const image = (await docker(["inspect", "--format", "{{.Image}}", `${prefix}-postgres-1`])).trim();
  const answers = await docker([
    ...["run", "--rm", "--network", `container:${prefix}-etcd-1`, "--user", `${IMAGE_USERS[kind]}`],
    ...["--volume", `${prefix}-${kind}-1-files:${FILES_DIRECTORY}:ro`, "--entrypoint", "bash", image],
    ...["-c", script],
  ]);
  return answers.split("\n").filter(Boolean);
}
