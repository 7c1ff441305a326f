// The second half of `npm run lock`: takes out of package-lock.json where authors ask for money; hashes pin what is used.
import { readFile, writeFile } from "node:fs/promises";

const lock = JSON.parse(await readFile("package-lock.json", "utf8"));
for (const installed of Object.values(lock.packages)) delete installed.funding;
await writeFile("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
