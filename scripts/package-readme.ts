/**
 * README.md as the page of the package. That page shows no file of the repository: VS Code and its marketplace take images
 * and links by address alone, and the project names none. Nor does it tell of a checkout, which its readers have not.
 */

/** @throws Error where the README has not the sections that this goes by */
export function readmeOfPackage(readme: string): string {
  const [opening = '', ...sections] = readme.split(/^(?=## )/m);
  const developers = sections.pop() ?? '';
  if (sections.length === 0 || !developers.startsWith('## For developers\n'))
    throw new Error('README.md does not end in a section "For developers": say anew what of it is for users.');
  const [title = '', lead = ''] = opening.split('\n\n');
  const license = developers.trimEnd().split('\n\n').at(-1) ?? '';
  return withoutFiles([`${title}\n\n${lead}\n\n`, ...sections, `${license}\n`].join(''));
}

/** Images gone, links to files as the words that they stand at. */
function withoutFiles(markdown: string): string {
  return markdown.replace(/(!?)\[([^\]]*)\]\((?!https:|#)[^)]*\)/g, (_, image: string, words: string) =>
    image === '' ? words : '',
  );
}
