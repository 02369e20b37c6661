#!/usr/bin/env node
// Compiles contracts/src offline with the compiler of package-lock.json and writes what `ledger` speaks through:
// ABI and bytecode, one JSON file a contract. The registry of ERC-1056 is the stock one, as its package published it.
// usage: contracts/compile.mjs [target folder, else ledger/contracts_abi]
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "..", "ledger", "contracts_abi");
const require = createRequire(join(here, "..", "package.json"));
const solc = require("solc");
const shipped = ["TrustRegistry", "AnchorRegistry", "StatusRegistry", "VerifierLens"];

const sources = {};
for (const name of readdirSync(join(here, "src"), { recursive: true }).sort()) {
  if (name.endsWith(".sol")) sources[`src/${name}`] = { content: readFileSync(join(here, "src", name), "utf8") };
}
const input = {
  language: "Solidity",
  sources,
  settings: {
    optimizer: { enabled: true, runs: 200 },
    evmVersion: "cancun",
    // Without the metadata hash the same source gives the same bytes wherever it lies.
    metadata: { appendCBOR: false, bytecodeHash: "none" },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "storageLayout"] } },
  },
};
const output = JSON.parse(solc.compile(JSON.stringify(input)));
const messages = output.errors ?? [];
for (const message of messages) process.stderr.write(message.formattedMessage);
if (messages.length > 0) process.exit(1); // A warning is an error here.

const write = (name, description) =>
  writeFileSync(join(target, `${name}.json`), JSON.stringify(description, null, 1) + "\n");
mkdirSync(target, { recursive: true });
for (const name of shipped) {
  const { abi, evm, storageLayout } = output.contracts[`src/${name}.sol`][name];
  write(name, {
    name,
    compiler: solc.version().split(".Emscripten")[0],
    abi,
    bytecode: `0x${evm.bytecode.object}`,
    deployed_size: evm.deployedBytecode.object.length / 2,
    // Where proofs of storage (EIP-1186) look: each variable's slot.
    slots: Object.fromEntries(storageLayout.storage.map(({ label, slot }) => [label, Number(slot)])),
  });
}
const published = join(here, "..", "node_modules", "ethr-did-registry");
const readPublished = (path) => JSON.parse(readFileSync(join(published, path), "utf8"));
const stock = readPublished("artifacts/contracts/EthereumDIDRegistry.sol/EthereumDIDRegistry.json");
write("EthereumDIDRegistry", {
  name: "EthereumDIDRegistry",
  compiler: `as published by ethr-did-registry ${readPublished("package.json").version}`,
  abi: stock.abi,
  bytecode: stock.bytecode,
  deployed_size: stock.deployedBytecode.length / 2 - 1,
  slots: { owners: 0, delegates: 1, changed: 2, nonce: 3 }, // in the order of its source
});
