/**
 * Regular expressions that cannot hang: matched by following all alternatives at once (Thompson's construction), so
 * that the time is at most the length of the text times the size of the expression, whatever the two are.
 *
 * Supported: literals, `.`, `[…]` with ranges and negation, `\d \w \s \b` and their opposites, `^ $`, groups,
 * `|`, `* + ? {m,n}` (greedy or not makes no difference to whether there is a match). Back references and look-around cannot be
 * matched in linear time: they are refused. Letters match without regard to ASCII case.
 */
import { CoreError } from '../errors';

export interface Matcher {
  test(text: string): boolean;
}

/** Instructions that an expression may be compiled to: a bound on memory and, per character, on time. */
const mostInstructions = 1000;
const deepestNesting = 100;
/** Characters of a text that are looked at. */
const mostCharacters = 20_000;

type Test = (code: number) => boolean;
type Holds = (text: string, position: number) => boolean;

type Instruction =
  | { readonly kind: 'character'; readonly test: Test }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'jump'; target: number }
  | { readonly kind: 'assert'; readonly holds: Holds }
  | { readonly kind: 'match' };

type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'character'; readonly test: Test }
  | { readonly kind: 'assert'; readonly holds: Holds }
  | { readonly kind: 'sequence' | 'choice'; readonly parts: readonly Node[] }
  | { readonly kind: 'repeat'; readonly part: Node; readonly least: number; readonly most: number };

/** @throws CoreError `query-invalid` where the expression is malformed, too large or needs what is not supported */
export function compileExpression(source: string): Matcher {
  const program = compile(new Parser(source).parse(), source);
  return { test: (text) => run(program, text) };
}

function refuse(source: string, cause: string): CoreError {
  return new CoreError('query-invalid', `The regular expression ${source} ${cause}.`, {
    hint: 'Supported are . [ ] ( ) | * + ? { } ^ $ \\d \\w \\s \\b and escaped characters.',
  });
}

class Parser {
  private readonly codes: readonly string[];
  private at = 0;
  private depth = 0;

  constructor(private readonly source: string) {
    this.codes = Array.from(source);
  }

  parse(): Node {
    const node = this.choice();
    if (this.at < this.codes.length) throw refuse(this.source, 'closes a group that was never opened');
    return node;
  }

  private choice(): Node {
    if (++this.depth > deepestNesting) throw refuse(this.source, 'is nested too deeply');
    const parts = [this.sequence()];
    while (this.take('|')) parts.push(this.sequence());
    this.depth--;
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : { kind: 'choice', parts };
  }

  private sequence(): Node {
    const parts: Node[] = [];
    for (let next = this.peek(); next !== undefined && next !== '|' && next !== ')'; next = this.peek())
      parts.push(this.repeated());
    return { kind: 'sequence', parts };
  }

  private repeated(): Node {
    let part = this.atom();
    for (;;) {
      if (this.take('*')) part = { kind: 'repeat', part, least: 0, most: Infinity };
      else if (this.take('+')) part = { kind: 'repeat', part, least: 1, most: Infinity };
      else if (this.take('?')) part = { kind: 'repeat', part, least: 0, most: 1 };
      else {
        const counts = this.counts();
        if (counts === null) return part;
        part = { kind: 'repeat', part, ...counts };
      }
      // Lazy or greedy: the same texts match.
      this.take('?');
    }
  }

  private counts(): { readonly least: number; readonly most: number } | null {
    const rest = this.codes.slice(this.at, this.at + 12).join('');
    const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(rest);
    if (found === null) return null;
    this.at += found[0].length;
    const least = Number(found[1]);
    const most = found[2] === undefined ? least : found[3] === '' ? Infinity : Number(found[3]);
    if (most < least) throw refuse(this.source, 'has a repetition whose bounds are out of order');
    return { least, most };
  }

  private atom(): Node {
    const next = this.codes[this.at++] ?? '';
    switch (next) {
      case '(':
        return this.group();
      case '[':
        return { kind: 'character', test: this.set() };
      case '.':
        return { kind: 'character', test: (code) => code !== 10 };
      case '^':
        return { kind: 'assert', holds: (_text, position) => position === 0 };
      case '$':
        return { kind: 'assert', holds: (text, position) => position === text.length };
      case '\\':
        return this.escape();
      case '*':
      case '+':
      case '?':
        throw refuse(this.source, 'repeats nothing');
      default:
        return { kind: 'character', test: literal(next) };
    }
  }

  private group(): Node {
    if (this.take('?') && !this.take(':'))
      throw refuse(this.source, 'uses look-around or a named group, which are not supported');
    const node = this.choice();
    if (!this.take(')')) throw refuse(this.source, 'has a group that is not closed');
    return node;
  }

  private escape(): Node {
    const next = this.codes[this.at++];
    if (next === undefined) throw refuse(this.source, 'ends in a backslash');
    if (next === 'b') return { kind: 'assert', holds: atWordBoundary };
    if (next === 'B') return { kind: 'assert', holds: (text, position) => !atWordBoundary(text, position) };
    if (/[1-9k]/.test(next)) throw refuse(this.source, 'uses a back reference, which is not supported');
    return { kind: 'character', test: escaped(next) };
  }

  private set(): Test {
    const negated = this.take('^');
    const tests: Test[] = [];
    for (let first = true; ; first = false) {
      const next = this.codes[this.at++];
      if (next === undefined) throw refuse(this.source, 'has a set that is not closed');
      if (next === ']' && !first) break;
      const escapedName = next === '\\' ? this.codes[this.at++] : undefined;
      if (next === '\\' && escapedName === undefined) throw refuse(this.source, 'ends in a backslash');
      if (escapedName !== undefined && /[dDwWsS]/.test(escapedName)) {
        tests.push(escaped(escapedName));
        continue;
      }
      const from = escapedName === undefined ? next : (controls[escapedName] ?? escapedName);
      if (this.peek() === '-' && (this.codes[this.at + 1] ?? ']') !== ']') {
        this.at++;
        let to = this.codes[this.at++] ?? '';
        if (to === '\\') to = this.codes[this.at++] ?? '';
        tests.push(range(from, controls[to] ?? to));
      } else {
        tests.push(literal(from));
      }
    }
    const any: Test = (code) => tests.some((test) => test(code));
    return negated ? (code) => !any(code) : any;
  }

  private peek(): string | undefined {
    return this.codes[this.at];
  }

  private take(wanted: string): boolean {
    if (this.codes[this.at] !== wanted) return false;
    this.at++;
    return true;
  }
}

const controls: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', f: '\f', v: '\v', '0': '\0' };

function escaped(name: string): Test {
  switch (name) {
    case 'd':
      return isDigit;
    case 'D':
      return (code) => !isDigit(code);
    case 'w':
      return isWord;
    case 'W':
      return (code) => !isWord(code);
    case 's':
      return isSpace;
    case 'S':
      return (code) => !isSpace(code);
    default:
      return literal(controls[name] ?? name);
  }
}

const isDigit: Test = (code) => code >= 48 && code <= 57;
const isWord: Test = (code) => isDigit(code) || code === 95 || (fold(code) >= 97 && fold(code) <= 122);
const isSpace: Test = (code) => (code >= 9 && code <= 13) || code === 32 || code === 0xa0 || code === 0xfeff;

function fold(code: number): number {
  return code >= 65 && code <= 90 ? code + 32 : code;
}

function literal(character: string): Test {
  const wanted = fold(character.codePointAt(0) ?? 0);
  return (code) => fold(code) === wanted;
}

function range(from: string, to: string): Test {
  const [first, last] = [from.codePointAt(0) ?? 0, to.codePointAt(0) ?? 0];
  const within = (code: number): boolean => code >= first && code <= last;
  return (code) => within(code) || within(fold(code)) || (code >= 97 && code <= 122 && within(code - 32));
}

function atWordBoundary(text: string, position: number): boolean {
  // Outside the text there is NaN, which is no letter.
  return isWord(text.charCodeAt(position - 1)) !== isWord(text.charCodeAt(position));
}

function compile(node: Node, source: string): readonly Instruction[] {
  const program: Instruction[] = [];
  const add = (instruction: Instruction): number => {
    if (program.length >= mostInstructions) throw refuse(source, 'is too large');
    return program.push(instruction) - 1;
  };
  const emit = (part: Node): void => {
    switch (part.kind) {
      case 'empty':
        return;
      case 'character':
      case 'assert':
        add(part);
        return;
      case 'sequence':
        part.parts.forEach(emit);
        return;
      case 'choice':
        emitChoice(part.parts);
        return;
      case 'repeat':
        emitRepeat(part);
    }
  };
  const emitChoice = (parts: readonly Node[]): void => {
    const ends: { kind: 'jump'; target: number }[] = [];
    parts.forEach((part, index) => {
      if (index === parts.length - 1) {
        emit(part);
        return;
      }
      const split = { kind: 'split' as const, first: 0, second: 0 };
      split.first = add(split) + 1;
      emit(part);
      const end = { kind: 'jump' as const, target: 0 };
      split.second = add(end) + 1;
      ends.push(end);
    });
    for (const end of ends) end.target = program.length;
  };
  const emitRepeat = ({ part, least, most }: Extract<Node, { kind: 'repeat' }>): void => {
    for (let count = 0; count < least; count++) emit(part);
    if (most === Infinity) {
      const split = { kind: 'split' as const, first: 0, second: 0 };
      const start = add(split);
      split.first = start + 1;
      emit(part);
      split.second = add({ kind: 'jump', target: start }) + 1;
      return;
    }
    const splits: { kind: 'split'; first: number; second: number }[] = [];
    for (let count = least; count < most; count++) {
      const split = { kind: 'split' as const, first: 0, second: 0 };
      split.first = add(split) + 1;
      splits.push(split);
      emit(part);
    }
    for (const split of splits) split.second = program.length;
  };
  emit(node);
  add({ kind: 'match' });
  return program;
}

/** Whether the expression matches anywhere in the text. */
function run(program: readonly Instruction[], whole: string): boolean {
  const text = whole.length > mostCharacters ? whole.slice(0, mostCharacters) : whole;
  // When an instruction was last reached: 1 + the position, so that nothing has to be cleared in between.
  const seen = new Int32Array(program.length);
  let [current, next]: [number[], number[]] = [[], []];
  for (let position = 0; ;) {
    // A match may begin at every position.
    if (follow(program, 0, text, position, seen, current)) return true;
    if (position >= text.length) return false;
    const code = text.codePointAt(position) ?? 0;
    position += code > 0xffff ? 2 : 1;
    for (const at of current) {
      const instruction = program[at];
      if (instruction?.kind !== 'character' || !instruction.test(code)) continue;
      if (follow(program, at + 1, text, position, seen, next)) return true;
    }
    [current, next] = [next, current];
    next.length = 0;
  }
}

/** Adds every character instruction that can be reached without reading; true where the end can be. */
function follow(
  program: readonly Instruction[],
  at: number,
  text: string,
  position: number,
  seen: Int32Array,
  reached: number[],
): boolean {
  for (;;) {
    if (seen[at] === position + 1) return false;
    seen[at] = position + 1;
    const instruction = program[at];
    switch (instruction?.kind) {
      case 'match':
        return true;
      case 'character':
        reached.push(at);
        return false;
      case 'jump':
        at = instruction.target;
        break;
      case 'split':
        // No deeper than the expression has instructions.
        if (follow(program, instruction.first, text, position, seen, reached)) return true;
        at = instruction.second;
        break;
      case 'assert':
        if (!instruction.holds(text, position)) return false;
        at++;
        break;
      case undefined:
        return false;
    }
  }
}
