import { SERVICE_SCHEMAS } from "../../lib/names.ts";
import { privilegesPage } from "./render/privileges.ts";
import {
  platformSql,
  PRIVILEGES_FILE,
  serviceSql,
} from "../../components/roles/privileges/grantStatements.ts";

/** Every file that is made from the table of privileges, by its path in the project; pages before Prettier. */
export function privilegeFiles(): Record<string, string> {
  return {
    "docs/privileges.md": privilegesPage(),
    [`sql/platform/${PRIVILEGES_FILE}`]: platformSql(),
    ...Object.fromEntries(
      SERVICE_SCHEMAS.map((schema) => [`sql/${schema}/${PRIVILEGES_FILE}`, serviceSql(schema)]),
    ),
  };
}
