/** Where the volume with a container's files is mounted. */
export const FILES_DIRECTORY = "/run/acgs";

/** Where programs find the certificate of their container; the key's name is the one under which HAProxy looks for it. */
export const TLS_FILE = {
  certificate: `${FILES_DIRECTORY}/tls/certificate.pem`,
  key: `${FILES_DIRECTORY}/tls/certificate.pem.key`,
  /** What certificates of the stack, peers' and clients', are checked against. */
  authority: `${FILES_DIRECTORY}/tls/authority.pem`,
} as const;
