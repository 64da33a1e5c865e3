// For `pulumi preview --policy-pack policy`; npm run preview starts `serve`.
// Plain JavaScript: the SDK starts a pack by `require`, for which it puts a type checker before every file of TypeScript.
// What an ES module imports, Node loads by itself.
import "./pack.ts";
