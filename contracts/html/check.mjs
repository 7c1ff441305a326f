// node check.mjs FILE...: what the official parser finds wrong with AsyncAPI files, as one JSON list of texts for each.
import { read } from "./document.mjs";

const found = [];
for (const file of process.argv.slice(2)) found.push((await read(file)).errors);
console.log(JSON.stringify(found));
