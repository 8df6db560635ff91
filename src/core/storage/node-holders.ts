/** Who has a file open, as far as this system tells. */
import type { FileOnDisk, HolderAnswer, HolderProbe } from './holders';
import { findWithLsof } from './node-lsof';
import { findInProc } from './node-proc-holders';
import { findByShareMode } from './node-share-mode';
import { networkDriveOf } from './node-volume';

export const nodeHolders: HolderProbe = {
  async find(files) {
    const answers = await findHere(files);
    return Promise.all(answers.map((answer, index) => doubtOnNetwork(answer, files[index])));
  },
};

function findHere(files: readonly FileOnDisk[]): Promise<readonly HolderAnswer[]> {
  const { platform } = process;
  if (platform === 'linux') return findInProc(files);
  if (platform === 'darwin') return findWithLsof(files);
  if (platform === 'win32') return findByShareMode(files);
  const reason = `${platform} does not show it to this version`;
  return Promise.resolve(files.map(() => ({ kind: 'unknown', reason })));
}

/** Nobody here is not nobody: other machines may have a file of a network drive open. */
async function doubtOnNetwork(answer: HolderAnswer, file: FileOnDisk | undefined): Promise<HolderAnswer> {
  if (answer.kind !== 'none' || file === undefined) return answer;
  const drive = await networkDriveOf(file.path);
  if (drive === null) return answer;
  return {
    kind: 'unknown',
    reason: `it lies on a network drive (${drive}), and other machines do not show what they have open`,
  };
}
