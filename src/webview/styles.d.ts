/** Bundled by esbuild into one file of styles. */
declare module '*.css';
