"""Databases with a write-ahead log or a hot rollback journal, made by SQLite itself, and what SQLite reads from them.

usage: sidecars.py make FOLDER     writes FOLDER/<case>/x.db with its sidecars, as a crash at that moment would leave them
       sidecars.py dump < PATHS    one line for each path: a hash of everything in it, or "error: ..."; on a private copy
       sidecars.py move PATH TABLE WHERE    takes rows out of the main file and leaves them in a log beside it
       sidecars.py cut-off PATH SQL    leaves the main file amid a transaction, with the journal that takes it back
       sidecars.py write PATH MODE SECONDS    commits without a pause: each transaction writes one number to every row
"""
import hashlib, json, os, shutil, sqlite3, struct, sys, tempfile, time

SIDECARS = ("-wal", "-journal")


def dump(path):
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "x.db")
        for suffix in ("", *SIDECARS):
            if os.path.exists(path + suffix):
                shutil.copyfile(path + suffix, copy + suffix)
        connection = sqlite3.connect(copy)
        connection.text_factory = bytes
        try:
            digest = hashlib.sha256()
            objects = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY type, name").fetchall()
            digest.update(repr(objects).encode())
            for kind, name, _ in objects:
                if kind == b"table":
                    for row in connection.execute(f'SELECT * FROM "{name.decode()}" ORDER BY 1, 2'):
                        digest.update(repr(row).encode())
            integrity = connection.execute("PRAGMA integrity_check").fetchall()
            return f"{digest.hexdigest()} {'sound' if integrity == [(b'ok',)] else 'unsound'}"
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return f"error: {error}"
        finally:
            connection.close()


class Case:
    """A database that is written in its own folder and kept as it lies there at a moment."""

    def __init__(self, root, name, *pragmas):
        self.kept = os.path.join(root, name)
        os.makedirs(self.kept)
        self.folder = tempfile.mkdtemp()
        self.path = os.path.join(self.folder, "x.db")
        self.connection = sqlite3.connect(self.path, isolation_level=None)
        for pragma in pragmas:
            self.connection.execute(f"PRAGMA {pragma}").fetchall()

    def run(self, *statements):
        for statement in statements:
            self.connection.execute(statement).fetchall()
        return self

    def fill(self, first, rows, width=60):
        self.connection.executemany(
            "INSERT INTO t (k, a, b) VALUES (?, ?, ?)",
            ((k, f"row {k} " * (1 + k % 3), bytes([k % 251]) * (width + k % 97)) for k in range(first, first + rows)),
        )
        return self

    def keep(self):
        for suffix in ("", *SIDECARS):
            if os.path.exists(self.path + suffix):
                shutil.copyfile(self.path + suffix, os.path.join(self.kept, "x.db" + suffix))
        self.connection.close()
        shutil.rmtree(self.folder)


TABLE = "CREATE TABLE t (k INTEGER PRIMARY KEY, a TEXT, b BLOB)"
INDEX = "CREATE INDEX i ON t (a)"
SPILL = ("cache_size = 1", "cache_spill = 1")


def log(root, name, *pragmas):
    return Case(root, name, *pragmas, "journal_mode = WAL", "wal_autocheckpoint = 0")


def make_logs(root):
    for size in (512, 1024, 2048, 4096, 8192, 16384, 32768, 65536):
        case = log(root, f"wal page size {size}", f"page_size = {size}")
        case.run(TABLE, INDEX, "BEGIN").fill(0, 50).run("COMMIT", "PRAGMA wal_checkpoint(TRUNCATE)")
        case.run("BEGIN").fill(50, 40).run("COMMIT", "UPDATE t SET a = 'changed' WHERE k % 7 = 0", "DELETE FROM t WHERE k % 5 = 0").keep()
    log(root, "wal all in the log", "page_size = 1024").run(TABLE, INDEX).fill(0, 10).keep()
    log(root, "wal utf-16", "encoding = 'UTF-16be'").run(TABLE).fill(0, 10).keep()
    case = log(root, "wal rolled back", "page_size = 1024", *SPILL).run(TABLE, INDEX).fill(0, 100)
    case.run("BEGIN").fill(100, 300).run("UPDATE t SET a = 'never'", "ROLLBACK").keep()
    case = log(root, "wal rolled back, then committed", "page_size = 1024", *SPILL).run(TABLE, INDEX).fill(0, 100)
    case.run("BEGIN").fill(100, 300).run("ROLLBACK", "UPDATE t SET a = 'after' WHERE k < 9").keep()
    case = log(root, "wal open and spilled", "page_size = 1024", *SPILL).run(TABLE, INDEX).fill(0, 100)
    case.run("BEGIN").fill(100, 300).run("UPDATE t SET a = 'not yet'").keep()
    case = log(root, "wal savepoint rolled back", "page_size = 1024", *SPILL).run(TABLE, INDEX).fill(0, 20)
    case.run("BEGIN", "SAVEPOINT s").fill(100, 200).run("ROLLBACK TO s").fill(300, 3).run("COMMIT").keep()
    case = log(root, "wal partly checkpointed", "page_size = 1024").run(TABLE, INDEX).fill(0, 200)
    reader = sqlite3.connect(case.path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM t").fetchall()
    case.fill(200, 200).run("UPDATE t SET a = 'late' WHERE k % 3 = 0", "PRAGMA wal_checkpoint(PASSIVE)").keep()
    reader.close()
    case = log(root, "wal wholly checkpointed", "page_size = 1024").run(TABLE, INDEX).fill(0, 100)
    case.run("PRAGMA wal_checkpoint(PASSIVE)").keep()
    case = log(root, "wal begun again", "page_size = 1024").run(TABLE, INDEX).fill(0, 100)
    case.run("PRAGMA wal_checkpoint(RESTART)", "UPDATE t SET a = 'second log' WHERE k < 5").keep()
    case = log(root, "wal begun again and again", "page_size = 512").run(TABLE, INDEX)
    for turn in range(3):
        case.fill(turn * 100, 60 - turn * 20).run("PRAGMA wal_checkpoint(RESTART)")
    case.run("DELETE FROM t WHERE k < 30").keep()
    case = log(root, "wal grown and shrunk", "page_size = 512", "auto_vacuum = FULL").run(TABLE).fill(0, 200)
    case.run("PRAGMA wal_checkpoint(TRUNCATE)", "DELETE FROM t WHERE k > 20").fill(500, 30).run("DELETE FROM t WHERE k > 510").keep()
    case = log(root, "wal vacuumed", "page_size = 1024").run(TABLE, INDEX).fill(0, 300).run("PRAGMA wal_checkpoint(TRUNCATE)")
    case.run("DELETE FROM t WHERE k % 2", "VACUUM").keep()
    case = log(root, "wal incremental vacuum", "page_size = 512", "auto_vacuum = INCREMENTAL").run(TABLE).fill(0, 300)
    case.run("PRAGMA wal_checkpoint(TRUNCATE)", "DELETE FROM t WHERE k < 250", "PRAGMA incremental_vacuum(60)").fill(900, 50).keep()
    case = log(root, "wal pages freed at once", "page_size = 512", *SPILL).run(TABLE, "PRAGMA wal_checkpoint(TRUNCATE)")
    case.run("BEGIN").fill(0, 200).run("DELETE FROM t", "COMMIT").keep()
    case = log(root, "wal header says 1", "page_size = 1024").run(TABLE, INDEX).fill(0, 5).run("PRAGMA wal_checkpoint(TRUNCATE)").fill(5, 5)
    case.keep()
    with open(os.path.join(root, "wal header says 1", "x.db"), "r+b") as file:
        file.seek(18)
        file.write(b"\1\1")
    case = log(root, "wal big-endian", "page_size = 1024").run(TABLE, INDEX).fill(0, 30).run("UPDATE t SET a = 'late' WHERE k < 9")
    case.keep()
    swap(os.path.join(root, "wal big-endian", "x.db-wal"))


def swap(path):
    """Writes a log as a big-endian machine would: other magic bytes, other checksums."""
    data = bytearray(open(path, "rb").read())
    size = struct.unpack(">I", data[8:12])[0]

    def add(state, part):
        s0, s1 = state
        words = struct.unpack(f">{len(part) // 4}I", part)
        for x, y in zip(words[::2], words[1::2]):
            s0 = (s0 + x + s1) & 0xFFFFFFFF
            s1 = (s1 + y + s0) & 0xFFFFFFFF
        return s0, s1

    data[0:4] = struct.pack(">I", 0x377F0683)
    state = add((0, 0), data[0:24])
    data[24:32] = struct.pack(">II", *state)
    for at in range(32, len(data), 24 + size):
        state = add(add(state, data[at : at + 8]), data[at + 24 : at + 24 + size])
        data[at + 16 : at + 24] = struct.pack(">II", *state)
    open(path, "wb").write(data)


def make_journals(root):
    for mode in ("DELETE", "TRUNCATE", "PERSIST"):
        for synchronous in ("OFF", "NORMAL", "FULL"):
            case = Case(root, f"journal {mode} {synchronous}", "page_size = 1024", f"journal_mode = {mode}", f"synchronous = {synchronous}", *SPILL)
            case.run(TABLE, INDEX, "BEGIN").fill(0, 200).run("COMMIT", "UPDATE t SET a = 'kept' WHERE k % 2")
            case.run("BEGIN", "UPDATE t SET a = 'never' WHERE k < 90").fill(500, 300).run("DELETE FROM t WHERE k % 3 = 0").keep()
    for size in (512, 4096, 65536):
        case = Case(root, f"journal page size {size}", f"page_size = {size}", *SPILL).run(TABLE, INDEX, "BEGIN").fill(0, 400, 300).run("COMMIT")
        case.run("BEGIN").fill(1000, 200, 900).run("UPDATE t SET b = a").keep()
    case = Case(root, "journal of a shrinking file", "page_size = 512", "auto_vacuum = INCREMENTAL", *SPILL).run(TABLE, "BEGIN").fill(0, 300).run("COMMIT")
    case.run("BEGIN", "DELETE FROM t WHERE k < 200", "PRAGMA incremental_vacuum(40)").fill(900, 20).run("UPDATE t SET a = 'x'").keep()
    case = Case(root, "journal with a savepoint", "page_size = 512", *SPILL).run(TABLE, INDEX, "BEGIN").fill(0, 100).run("COMMIT", "BEGIN", "SAVEPOINT s")
    case.fill(200, 200).run("UPDATE t SET a = 'x'", "ROLLBACK TO s", "UPDATE t SET a = 'y' WHERE k % 4 = 0").fill(600, 100).keep()
    Case(root, "journal nothing spilled yet", "page_size = 1024").run(TABLE).fill(0, 50).run("BEGIN", "UPDATE t SET a = 'x'").keep()
    Case(root, "journal at rest, zeroed", "page_size = 1024", "journal_mode = PERSIST").run(TABLE).fill(0, 50).run("UPDATE t SET a = 'x'").keep()
    Case(root, "journal at rest, empty", "page_size = 1024", "journal_mode = TRUNCATE").run(TABLE).fill(0, 50).run("UPDATE t SET a = 'x'").keep()


def keep_as_is(path, leave):
    """Replaces a database by what `leave` makes of it, as a process that is killed there would leave its files."""
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, "x.db")
        shutil.copyfile(path, copy)
        connection = sqlite3.connect(copy, isolation_level=None)
        leave(connection)
        for suffix in ("", *SIDECARS):
            if os.path.exists(copy + suffix):
                shutil.copyfile(copy + suffix, path + suffix)
        connection.close()


def move(path, table, where):
    def leave(connection):
        connection.execute("PRAGMA journal_mode = WAL").fetchall()
        connection.execute("PRAGMA wal_autocheckpoint = 0").fetchall()
        connection.execute(f"CREATE TEMP TABLE kept AS SELECT * FROM {table} WHERE {where}")
        connection.execute(f"DELETE FROM {table} WHERE {where}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        connection.execute(f"INSERT INTO {table} SELECT * FROM temp.kept")

    keep_as_is(path, leave)


def cut_off(path, sql):
    def leave(connection):
        for pragma in ("synchronous = OFF", *SPILL):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute("BEGIN")
        connection.execute(sql)

    keep_as_is(path, leave)


def write(path, mode, seconds):
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    connection.execute(f"PRAGMA journal_mode = {mode}").fetchall()
    for pragma in ("synchronous = OFF", "wal_autocheckpoint = 20", *SPILL):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    end = time.monotonic() + seconds
    number = 0
    print("writing", flush=True)
    while time.monotonic() < end:
        number += 1
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("UPDATE t SET n = ?", (number,))
        connection.execute("COMMIT")
        time.sleep(0.002 if number % 5 else 0.03)
    print(number, flush=True)


if __name__ == "__main__":
    command = sys.argv[1]
    if command == "make":
        make_logs(sys.argv[2])
        make_journals(sys.argv[2])
    elif command == "dump":
        print(json.dumps([dump(path) for path in json.load(sys.stdin)]))
    elif command == "move":
        move(*sys.argv[2:5])
    elif command == "cut-off":
        cut_off(*sys.argv[2:4])
    elif command == "write":
        write(sys.argv[2], sys.argv[3], float(sys.argv[4]))
