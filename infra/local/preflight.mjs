// Plain JavaScript, because an old Node must be able to run it.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 22)) {
  console.error(
    `Node ${process.versions.node} is too old: this project needs 22.22 or newer. On Linux (x64 and arm64) it brings ` +
      'its own, which was not installed; run `npx --yes pnpm@12 install` and look at what it says. Elsewhere, install a newer Node.',
  );
  process.exit(1);
}
