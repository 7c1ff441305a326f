// node build.mjs FILE TARGET: one page of an AsyncAPI file, which loads nothing: styles, script and document are in it.
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { stringify } from "@asyncapi/parser";
import { read } from "./document.mjs";

const CONFIG = {
  show: { sidebar: true, schemas: false, errors: false },
  expand: { messageExamples: true },
  sidebar: { showOperations: "byOperationsTags" }, // one tag per service
  sendLabel: "sends",
  receiveLabel: "receives",
  requestLabel: "asks",
  replyLabel: "answers",
};

const OUR_STYLES = `
  body { margin: 0; font-family: system-ui, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
  .aui-root .prose code::before, .aui-root .prose code::after { content: none; }
  .aui-root .sidebar--content li li { font-size: 0.72rem; }
`;

const { resolve } = createRequire(import.meta.url);
const part = (name) => readFile(resolve(`@asyncapi/react-component/${name}`), "utf8");

/** JSON that cannot end the script element it stands in. */
const embedded = (json) => json.replaceAll("<", "\\u003c");

const [, , file, target] = process.argv;
const { document, errors } = await read(file);
if (!document) {
  console.error(errors.join("\n"));
  process.exit(1);
}

for (const message of document.allMessages()) {
  delete message.payload()?.json().examples; // the message shows them, formatted
}

const [styles, bundle, notices, licence] = await Promise.all([
  part("styles/default.min.css"),
  part("browser/standalone/without-parser.js"),
  part("browser/standalone/without-parser.js.LICENSE.txt"),
  part("LICENSE"),
]);

await writeFile(
  target,
  `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'; img-src data:">
<title>${document.info().title()} ${document.info().version()}</title>
<style>${styles}${OUR_STYLES}</style>
</head>
<body>
<div id="contracts"></div>
<script type="application/json" id="document">${embedded(stringify(document))}</script>
<script>${bundle.replaceAll("</script", "<\\/script")}</script>
<script>
AsyncApiStandalone.render(
  { schema: document.getElementById("document").textContent, config: ${JSON.stringify(CONFIG)} },
  document.getElementById("contracts"),
);
</script>
<script type="text/plain" id="licences">
The script and the styles of this page are @asyncapi/react-component.

${licence}
${notices}</script>
</body>
</html>
`,
);
