import { describe, expect, it } from "vitest";
import { dropMisleading, enginesIn, misleadingPlugins } from "../../../lib/environment.ts";
import { verifiedTls } from "../../../lib/trust.ts";
import { shippedConfiguration } from "../../../testing/stackConfiguration.ts";

const LOCAL = "unix:///var/run/docker.sock";
const shell = () => ({
  PATH: "/bin",
  PGHOST: "elsewhere",
  PGOPTIONS: "-c search_path=x",
  PG_COLOR: "always",
  DOCKER_HOST: "tcp://elsewhere:2375",
  DOCKER_TLS_VERIFY: "1",
  DOCKER_CERT_PATH: "/certificates",
  DOCKER_CONFIG: "/home/me/.docker",
  NODE_TLS_REJECT_UNAUTHORIZED: "0",
  NODE_EXTRA_CA_CERTS: "/ca.pem",
  PULUMI_CONFIG_PASSPHRASE: "x",
});

describe("the operator's shell", () => {
  it("leads no program of a command to another server or engine, and switches no check off", () => {
    const env = shell();
    dropMisleading(env, [LOCAL]);
    expect(Object.keys(env)).toEqual([
      "PATH",
      "PG_COLOR",
      "DOCKER_CONFIG",
      "NODE_EXTRA_CA_CERTS",
      "PULUMI_CONFIG_PASSPHRASE",
    ]);
  });

  it("says how an engine at tcp:// is reached", () => {
    const env = shell();
    dropMisleading(env, ["tcp://db-1:2376"]);
    expect(env).toMatchObject({ DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certificates" });
    expect(env).not.toHaveProperty("DOCKER_HOST");
  });

  it("is named where it would mislead Pulumi's plugins, which a plain pulumi starts with it", () => {
    expect(misleadingPlugins(shell(), [LOCAL])).toEqual([
      "DOCKER_CERT_PATH",
      "DOCKER_TLS_VERIFY",
      "PGOPTIONS",
    ]);
    expect(misleadingPlugins(shell(), ["tcp://db-1:2376"])).toEqual(["PGOPTIONS"]);
    const overruled = { PGHOST: "x", PGUSER: "x", PGPASSWORD: "x", PGSSLMODE: "disable", PGDATA: "/data" };
    expect(misleadingPlugins({ ...overruled, PGSERVICE: "" }, [LOCAL])).toEqual([]);
    expect(misleadingPlugins({ PGDATABASE: "x", PGSSLCERT: "x", DOCKER_CONTEXT: "x" }, [LOCAL])).toEqual([
      "DOCKER_CONTEXT",
      "PGDATABASE",
      "PGSSLCERT",
    ]);
  });

  it("cannot switch off the check of the stack's certificates", () => {
    expect(verifiedTls("db-1", { authority: "PEM" })).toMatchObject({ rejectUnauthorized: true });
  });
});

describe("the engines of a stack's file", () => {
  it("are found in YAML and in JSON, and not in a comment", () => {
    const yaml = "config:\n  acgs-db:hosts:\n    - name: a\n      docker: ssh://me@db-1:22 # over ssh\n";
    expect(enginesIn(yaml)).toEqual(["ssh://me@db-1:22"]);
    expect(enginesIn('{"config":{"acgs-db:hosts":[{"name":"a","docker":"tcp://db-1:2376"}]}}')).toEqual([
      "tcp://db-1:2376",
    ]);
    expect(enginesIn("# docker: tcp://db-1:2376\n")).toEqual([]);
    expect(enginesIn(JSON.stringify(shippedConfiguration("prod")))).toEqual([]);
  });
});
