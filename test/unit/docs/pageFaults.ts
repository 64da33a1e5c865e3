import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { anchorsOf, linksOf } from "../docsGenerator/pageText.ts";

/** The checkout. */
export const ROOT = join(import.meta.dirname, "../../..");

/** All Markdown files of the project, as paths from its root. */
export function pagesIn(folder = ""): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pagesIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

/**
 * What a page names and the project does not have: files and headings that it links to, files that it names in code, and
 * commands of npm.
 *
 * @param page  its path from the root
 * @param text  what it says
 */
export function pageFaults(page: string, text: string): string[] {
  const prose = withoutBlocks(text);
  return [
    ...linksOf(withoutCode(prose)).flatMap((link) => linkFault(page, text, link)),
    ...codeOf(prose)
      .filter(
        (code) => isPath(code) && ![ROOT, join(ROOT, dirname(page))].some((at) => existsSync(join(at, code))),
      )
      .map((code) => `${page} names ${code}, which is not there`),
    ...[...text.matchAll(/npm run (?:--silent )?([a-z][\w:-]*)/g)]
      .filter(([, name = ""]) => !(name in SCRIPTS))
      .map(([, name = ""]) => `${page} has the command npm run ${name}, which package.json has not`),
  ];
}

const SCRIPTS = (
  JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { scripts: Record<string, string> }
).scripts;

function linkFault(page: string, text: string, link: string): string[] {
  if (/^[a-z]+:/.test(link)) return []; // of the outside world
  const [path = "", anchor] = decodeURIComponent(link).split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path));
  if (path !== "" && !existsSync(join(ROOT, target)))
    return [`${page} links to ${target}, which is not there`];
  if (anchor === undefined) return [];
  const content = path === "" ? text : readFileSync(join(ROOT, target), "utf8");
  if (anchorsOf(withoutBlocks(content)).includes(anchor)) return [];
  return [`${page} links to ${link}, and ${target} has no such heading`];
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^( *)(```+|~~~+)[^\n]*\n.*?^\1\2 *$/gms, "");
}

const CODE = /(`+)(.+?)\1/g;

function withoutCode(text: string): string {
  return text.replaceAll(CODE, "code");
}

function codeOf(text: string): string[] {
  return [...text.matchAll(CODE)].map((match) => match[2]!.trim());
}

const FOLDERS = readdirSync(ROOT, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
  .map(({ name }) => name);

/** Whether it is a path into a folder of the project, rather than a pattern (`sql/<schema>`) or anything else with a slash. */
function isPath(code: string): boolean {
  return /^[\w.-]+(?:\/[\w.-]+)+\/?$/.test(code) && FOLDERS.includes(code.split("/")[0]!);
}
