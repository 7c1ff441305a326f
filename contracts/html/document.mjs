import { Parser, fromFile } from "@asyncapi/parser";

const ERROR = 0;

/** The parsed document with every reference resolved, or undefined and the errors that say why not. */
export async function read(file) {
  const { document, diagnostics } = await fromFile(new Parser(), file).parse();
  const errors = diagnostics
    .filter(({ severity }) => severity === ERROR)
    .map(({ path, message }) => `${path.join(".") || "document"}: ${message}`);
  return { document: errors.length ? undefined : document, errors };
}
