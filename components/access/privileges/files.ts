import { SERVICE_SCHEMAS } from "../logins.ts";
import { platformSql, PRIVILEGES_FILE, serviceSql } from "./closingSql.ts";

/** Every file that is made from the table of privileges, by its path in the project. */
export function privilegeFiles(): Record<string, string> {
  return {
    [`sql/platform/${PRIVILEGES_FILE}`]: platformSql(),
    ...Object.fromEntries(
      SERVICE_SCHEMAS.map((schema) => [`sql/${schema}/${PRIVILEGES_FILE}`, serviceSql(schema)]),
    ),
  };
}
