// What may import what. A floor imports its own files and those of the floors below it.
const FLOORS = {
  lib: [],
  components: ["lib"],
  setup: ["lib"],
  policy: ["lib", "components"],
  operations: ["lib", "components"],
};
const OURS = "^(bench|cli|components|docs|index\\.ts|lib|operations|policy|setup|test|testing)(/|$)";

const floors = Object.entries(FLOORS).map(([folder, below]) => ({
  name: `${folder}-imports-floors-below`,
  comment: `${folder}/ may import ${["its own files", ...below.map((one) => `${one}/`)].join(", ")}.`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: { path: OURS, pathNot: [folder, ...below].map((one) => `^${one}/`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...floors,
    {
      name: "only-tests-import-tests",
      comment: "What several parts need is in testing/ or lib/.",
      severity: "error",
      from: { pathNot: "^test/" },
      to: { path: "^test/" },
    },
    {
      name: "only-tests-bench-and-docs-import-testing",
      comment:
        "testing/ holds servers, clients and certificates for tests, measurements and the pages on the schemas.",
      severity: "error",
      from: { pathNot: "^(test|testing|bench|docs)/" },
      to: { path: "^testing/" },
    },
    {
      name: "no-circles",
      comment: "Two files that import each other are one file, or share a third.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "node_modules|^coverage|^logs" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "require", "node", "default"],
    },
  },
};
