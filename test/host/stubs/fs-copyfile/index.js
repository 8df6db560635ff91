/** Stands in for the native copy that the built-in Git extension asks for: Node's own copy does the same, slower. */
const fs = require('node:fs');

exports.constants = fs.constants;
exports.copyFile = (from, to, mode) => fs.promises.copyFile(from, to, mode);
exports.copyFileSync = fs.copyFileSync;
exports.cp = (from, to, options) => fs.promises.cp(from, to, options);
exports.isCloneSupported = () => false;
