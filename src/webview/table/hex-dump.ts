/** Address, sixteen bytes, and the characters among them that can be seen. */
export function hexDump(hex: string): string {
  const lines: string[] = [];
  for (let at = 0; at < hex.length; at += 32) {
    const bytes = hex.slice(at, at + 32).match(/../g) ?? [];
    const characters = bytes.map((byte) => {
      const code = Number.parseInt(byte, 16);
      return code >= 32 && code < 127 ? String.fromCharCode(code) : '·';
    });
    const left = bytes.slice(0, 8).join(' ').padEnd(23);
    const right = bytes.slice(8).join(' ').padEnd(23);
    lines.push(`${(at / 2).toString(16).padStart(6, '0')}  ${left}  ${right}  ${characters.join('')}`);
  }
  return lines.join('\n');
}
