// Standard JSON in, standard JSON out. (solcjs itself would chdir, and print a banner before the answer.)
const solc = require("../node_modules/solc");
const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk));
process.stdin.on("end", () => process.stdout.write(solc.compile(Buffer.concat(chunks).toString("utf8"))));
