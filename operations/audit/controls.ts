import { type Control, DOCKER, POSTGRESQL } from "./control.ts";
import { HOST } from "./docker/host.ts";
import { IMAGES } from "./docker/images.ts";
import { ISOLATION } from "./docker/isolation.ts";
import { RUNTIME } from "./docker/runtime.ts";
import { OUT_OF_SIGHT } from "./outOfSight.ts";
import { ACCESS } from "./postgres/access.ts";
import { FILES, INSTALLATION } from "./postgres/installation.ts";
import { LOGGING } from "./postgres/logging.ts";
import { LOGIN } from "./postgres/login.ts";
import { REPLICATION } from "./postgres/replication.ts";
import { SETTINGS } from "./postgres/settings.ts";

const byNumber = (a: Control, b: Control): number => a.id.localeCompare(b.id, "en", { numeric: true });

/**
 * All controls of CIS PostgreSQL 15 (as numbered since 1.1), then of CIS Docker (1.6), by number. Parts of the latter that
 * are the operator's stand together under the number of their chapter.
 */
const ALL = [
  ...[INSTALLATION, FILES, LOGGING, ACCESS, LOGIN, SETTINGS, REPLICATION],
  ...[HOST, IMAGES, RUNTIME, ISOLATION, OUT_OF_SIGHT],
].flat();
export const CONTROLS: readonly Control[] = [POSTGRESQL, DOCKER].flatMap((name) =>
  ALL.filter(({ benchmark }) => benchmark === name).sort(byNumber),
);
