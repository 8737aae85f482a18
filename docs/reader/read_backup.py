#!/usr/bin/env python3
"""Restores a backup-agent repository that lies in a local folder, by docs/repository-format.md alone.

    read_backup.py <repository> <deviceId>                              lists snapshots
    read_backup.py <repository> <deviceId> <snapshot|latest> --list     lists what is in one
    read_backup.py <repository> <deviceId> <snapshot|latest> <target>   restores it into a new or empty folder

Exit codes: 0 done, 1 failed, 2 usage, 3 done but something could not be restored (each is named on stderr).
"""
import base64
import hashlib
import json
import os
import re
import struct
import sys
import zlib
from collections import OrderedDict

try:
    from compression.zstd import ZstdError, decompress, get_frame_info  # Python 3.14 and newer

    def content_size(frame):
        return get_frame_info(frame).decompressed_size
except ImportError:
    try:
        from zstandard import ZstdDecompressor, ZstdError, frame_content_size as content_size  # from PyPI
    except ImportError:
        sys.exit('this reader needs Python 3.14, or the package "zstandard": pip install zstandard')
    decompress = ZstdDecompressor().decompress

MIB = 1024 * 1024
RUN = r'[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}'
FOOTER_BYTES, SEGMENT_RAW_MAX, OBJECT_MAX, JSON_MAX = 48, 8 * MIB, 256 * MIB, 8 * MIB


class Damaged(Exception):
    """An object or a part of one is not what the format says."""


def need(condition, what):
    if not condition:
        raise Damaged(what)


def sha256(data):
    return hashlib.sha256(data).digest()


def parse_json(data, what):
    try:
        return json.loads(data.decode('utf-8'))
    except (ValueError, RecursionError) as error:
        raise Damaged(f'{what}: {error}') from error


def is_count(value, most=2**53 - 1):
    return type(value) is int and 0 <= value <= most


def is_id(value):
    return isinstance(value, str) and re.fullmatch('[0-9a-f]{64}', value) is not None


def path_bytes(value, what):
    """The bytes of a path as the catalog writes it: text, or {"hex": ...}."""
    if isinstance(value, str):
        try:
            return value.encode('utf-8')
        except UnicodeEncodeError as error:
            raise Damaged(f'{what}: a path is not Unicode') from error
    need(isinstance(value, dict) and isinstance(value.get('hex'), str), f'{what}: a path is neither text nor hex')
    need(re.fullmatch('([0-9a-f]{2})*', value['hex']), f'{what}: a path is not hexadecimal')
    return bytes.fromhex(value['hex'])


def check_relative(path):
    """Section 9.1: no path leads out of its root."""
    names = path.split(b'/') if path else []
    need(b'\0' not in path and not {b'', b'.', b'..'} & set(names), f'unsafe path {path!r}')
    need(os.name != 'nt' or not re.search(rb'[\\:]', path), f'a path that Windows does not take: {path!r}')


class Repository:
    """Section 3: the objects of one device in a folder. All reads are bounded by the limits of section 16."""

    def __init__(self, folder, device):
        if not re.fullmatch('[a-z0-9][a-z0-9-]{1,62}', device):
            raise SystemExit(f'"{device}" is not a device id')
        self.folder, self.device = folder, device
        self.places = {}  # chunk id -> places, see add_place
        self.directories = set()  # packs whose directory was looked at
        self.searched_all = False
        self.segments = OrderedDict()  # the raw segments used last

    def file_of(self, key):
        return os.path.join(self.folder, *key.split('/'))

    def read(self, key, offset=0, length=None, most=OBJECT_MAX):
        try:
            with open(self.file_of(key), 'rb') as file:
                size = os.fstat(file.fileno()).st_size
                need(size <= most, f'{key} is longer than {most} bytes')
                end = size if length is None else offset + length
                need(0 <= offset <= end <= size, f'{key} ends too early')
                file.seek(offset)
                data = file.read(end - offset)
        except OSError as error:
            raise Damaged(f'{key}: {error.strerror}') from error
        need(len(data) == end - offset, f'{key} ends too early')
        return data

    def list(self, folder):
        path = self.file_of(f'v1/devices/{self.device}/{folder}')
        return sorted(os.listdir(path)) if os.path.isdir(path) else []

    # Section 4
    def read_json(self, key):
        data = self.read(key, most=JSON_MAX)
        body, line = data[:-78], data[-78:]
        need(line == b'{"sha256":"%s"}\n' % sha256(body).hex().encode(), f'{key}: its checksum does not match')
        need(body.endswith(b'\n') and body.count(b'\n') == 1, f'{key}: its body is not one line')
        value = parse_json(body, key)
        need(isinstance(value, dict), f'{key}: not an object')
        if value.get('version') != 1:
            raise SystemExit(f'{key} has version {value.get("version")!r}; this reader knows 1')
        return value

    # Section 10
    def snapshots(self):
        """Names of snapshots, oldest first. In local folders all are valid."""
        names = [n[:-5] for n in self.list('snapshots') if re.fullmatch(RUN + r'(-[1-9][0-9]{0,5})?\.json', n)]
        landed = {n: os.stat(self.file_of(self.snapshot_key(n))).st_mtime_ns for n in names}
        return sorted(names, key=lambda name: (landed[name], name))

    def snapshot_key(self, name):
        return f'v1/devices/{self.device}/snapshots/{name}.json'

    def snapshot(self, name):
        """A snapshot and the labels of its roots. Notes where the chunks of its packs lie."""
        key = self.snapshot_key(name)
        value = self.read_json(key)
        try:
            need((value['name'], value['device'], value['run']) == (name, self.device, name[:25]), f'{key} is another')
            need(('pages' in value) != ('pageLists' in value), f'{key} needs pages or pageLists')
            labels = [root['label'].encode('utf-8', 'surrogateescape') for root in value['roots']]
            need(len(set(labels)) == len(labels) > 0, f'{key}: no roots, or two with one label')
            for label in labels:
                need(label != b'' and b'/' not in label, f'{key}: unsafe label')
                check_relative(label)
            for kind in ('data', 'meta'):
                for run, ranges in value['packs'][kind].items():
                    need(re.fullmatch(RUN, run), f'{key}: not a run: {run}')
                    for first, last in re.findall('([0-9]+)(?:-([0-9]+))?', ranges):
                        for number in range(int(first), min(int(last or first), 99999) + 1):
                            self.add_pack(self.pack_key(kind, run, number))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise Damaged(f'{key} is not a snapshot: {error!r}') from error
        return value, labels

    # Section 7
    def pack_key(self, kind, run, number):
        return f'v1/devices/{self.device}/{kind}/{run}/{number:05}'

    def add_pack(self, key):
        """Notes where the chunks of a pack lie. A pack that is damaged is told, and left to the index."""
        if key in self.directories:
            return
        self.directories.add(key)
        try:
            for place in self.read_directory(key):
                self.add_place(*place)
        except Damaged as error:
            warn(error)

    def read_directory(self, key):
        try:
            size = os.stat(self.file_of(key)).st_size
        except OSError as error:
            raise Damaged(f'{key}: {error.strerror}') from error
        need(FOOTER_BYTES <= size <= OBJECT_MAX, f'{key}: no pack is {size} bytes long')
        footer = self.read(key, size - FOOTER_BYTES, FOOTER_BYTES)
        length, version = struct.unpack_from('<II', footer, 32)
        need(footer[40:] == b'bak-pack' and length <= size - FOOTER_BYTES, f'{key} does not end as a pack does')
        directory = self.read(key, size - FOOTER_BYTES - length, length)
        need(sha256(directory + footer[32:]) == footer[:32], f'{key}: the checksum of its directory does not match')
        if version != 1:
            raise SystemExit(f'{key} has version {version}; this reader knows 1')
        at = offset = 0
        places = []
        while at < length:
            need(at + 16 <= length, f'{key}: its directory is cut off')
            stored, raw, crc, count = struct.unpack_from('<IIII', directory, at)
            at, chunk_offset = at + 16, 0
            need(1 <= count <= (length - at) // 36, f'{key}: its directory is cut off')
            for _ in range(count):
                (chunk_length,) = struct.unpack_from('<I', directory, at + 32)
                place = (key, offset, stored, raw, crc, chunk_offset, chunk_length)
                places.append((directory[at:at + 32].hex(), place))
                at, chunk_offset = at + 36, chunk_offset + chunk_length
            need(chunk_offset == raw, f'{key}: chunks do not fill their segment')
            offset += stored
        need(offset == size - FOOTER_BYTES - length, f'{key}: segments do not fill it')
        return places

    def add_place(self, chunk, place):
        """A place: pack, offset, stored and raw length and CRC-32 of the segment; offset and length in raw bytes."""
        key, offset, stored, raw, _, chunk_offset, length = place
        need(stored <= raw <= SEGMENT_RAW_MAX and offset + stored <= OBJECT_MAX, f'{key}: impossible segment')
        need(chunk_offset + length <= raw, f'{key}: impossible chunk')
        self.places.setdefault(chunk, []).append(place)

    # Section 8: only for packs whose directories are damaged
    def add_index(self, key):
        data = self.read(key)
        need(len(data) >= 1088 and sha256(data[:-32]) == data[-32:], f'{key}: its checksum does not match')
        magic, version, packs, records, info = struct.unpack_from('<8sIIII', data)
        need(magic == b'bakindex' and version == 1, f'{key}: not an index segment that this reader knows')
        need(len(data) == 1056 + 136 * packs + 56 * records + info + 32, f'{key}: its length is wrong')
        table = []
        for at in range(1056, 1056 + 136 * packs, 136):
            (number,) = struct.unpack_from('<I', data, at + 4)
            table.append(self.pack_key('meta' if data[at] else 'data', data[at + 24:at + 49].decode('ascii'), number))
        for at in range(1056 + 136 * packs, 1056 + 136 * packs + 56 * records, 56):
            pack, offset, stored, raw, chunk_offset, length = struct.unpack_from('<IIIIII', data, at + 32)
            need(pack < packs, f'{key}: a record names no pack')
            place = (table[pack], offset, stored, raw, None, chunk_offset, length)
            self.add_place(data[at:at + 32].hex(), place)

    def search_everywhere(self):
        """Section 13: chunks may lie in packs that the snapshot does not name, or only the index knows where."""
        self.searched_all = True
        for kind in ('data', 'meta'):
            for run in self.list(kind):
                for number in self.list(f'{kind}/{run}'):
                    if re.fullmatch(RUN, run) and re.fullmatch('[0-9]{5}', number):
                        self.add_pack(self.pack_key(kind, run, int(number)))
        for name in self.list('index'):
            try:
                self.add_index(f'v1/devices/{self.device}/index/{name}')
            except (Damaged, UnicodeDecodeError) as error:
                warn(error)

    def segment(self, key, offset, stored_bytes, raw_bytes, crc):
        where = (key, offset)
        if where not in self.segments:
            stored = self.read(key, offset, stored_bytes)
            need(crc is None or zlib.crc32(stored) == crc, f'{key}: the segment at {offset} is damaged')
            self.segments[where] = raw_of(stored, raw_bytes, f'{key}: the segment at {offset}')
            while len(self.segments) > 16:
                self.segments.popitem(last=False)
        self.segments.move_to_end(where)
        return self.segments[where]

    def chunk(self, chunk):
        """The bytes of a chunk, verified, from the first place where they are whole."""
        problem = Damaged(f'chunk {chunk} is in no pack')
        tried = 0
        while True:
            places = self.places.get(chunk, [])
            for key, offset, stored, raw, crc, chunk_offset, length in places[tried:]:
                try:
                    data = self.segment(key, offset, stored, raw, crc)[chunk_offset:chunk_offset + length]
                    need(sha256(data).hex() == chunk, f'{key}: chunk {chunk} is damaged')
                    return data
                except Damaged as error:
                    problem = error
            tried = len(places)
            if self.searched_all:
                raise problem
            self.search_everywhere()

    # Section 9
    def page_bytes(self, reference, what):
        need(isinstance(reference, list) and len(reference) == 8, f'{what}: not a page reference')
        _, _, page, run, pack, offset, stored, raw = reference
        need(is_id(page) and isinstance(run, str) and re.fullmatch(RUN, run) and is_count(pack, 99999)
             and is_count(offset, OBJECT_MAX) and is_count(raw, SEGMENT_RAW_MAX) and is_count(stored, raw),
             f'{what}: not a page reference')
        try:
            key = self.pack_key('meta', run, pack)
            data = raw_of(self.read(key, offset, stored), raw, f'a page in {key}')
            need(sha256(data).hex() == page, f'a page in {key} is damaged')
            return data
        except Damaged:
            return self.chunk(page)

    def entries(self, snapshot):
        """All entries that can be read; what cannot is told."""
        references = snapshot.get('pages', [])
        for page_list in snapshot.get('pageLists', []):
            try:
                lines = self.page_bytes(page_list, 'a page list').split(b'\n')
                references = references + [parse_json(line, 'a page list') for line in lines[:-1]]
            except Damaged as error:
                lost(error)
        for reference in references:
            try:
                lines = self.page_bytes(reference, 'a snapshot').split(b'\n')
            except Damaged as error:
                lost(error)
                continue
            for line in lines[:-1]:
                try:
                    yield checked_entry(parse_json(line, 'an entry'), len(snapshot['roots']))
                except Damaged as error:
                    lost(error)

    def contents(self, entry):
        """A file's chunks in order."""
        ids = entry.get('chunks')
        if ids is None:
            ids = []
            for list_id in entry['lists']:
                data = self.chunk(list_id)
                need(0 < len(data) <= 2048 * 32 and len(data) % 32 == 0, f'chunk {list_id} is not a list')
                ids += [data[at:at + 32].hex() for at in range(0, len(data), 32)]
        return (self.chunk(chunk) for chunk in ids)


def raw_of(stored, raw_bytes, what):
    if len(stored) == raw_bytes:
        return stored
    try:
        need(content_size(stored) == raw_bytes, f'{what} is not a frame of {raw_bytes} bytes')
        raw = decompress(stored)
    except ZstdError as error:
        raise Damaged(f'{what}: {error}') from error
    need(len(raw) == raw_bytes, f'{what} has another length')
    return raw


def checked_entry(entry, root_count):
    need(isinstance(entry, dict), 'an entry is not an object')
    entry['path'] = path_bytes(entry.get('path'), 'an entry')
    what = repr(entry['path'])
    check_relative(entry['path'])
    need(is_count(entry.get('root'), root_count - 1), f'{what}: no such root')
    need(entry.get('kind') in ('file', 'folder', 'symlink', 'fifo'), f'{what}: unknown kind')
    need(is_count(entry.get('mode'), 0o7777), f'{what}: mode')
    need(is_count(entry.get('uid')) and is_count(entry.get('gid')), f'{what}: owner')
    need(isinstance(entry.get('mtime'), str) and re.fullmatch('-?[0-9]{1,20}', entry['mtime']), f'{what}: mtime')
    need(isinstance(entry.get('xattrs', {}), dict), f'{what}: xattrs')
    if entry['kind'] == 'symlink':
        entry['target'] = path_bytes(entry.get('target'), what)
        need(b'\0' not in entry['target'], f'{what}: target')
    if entry['kind'] == 'file':
        need(is_count(entry.get('size')), f'{what}: size')
        need(('chunks' in entry) != ('lists' in entry), f'{what}: needs chunks or lists')
        ids = entry.get('chunks', entry.get('lists'))
        need(isinstance(ids, list) and all(map(is_id, ids)), f'{what}: chunks')
    return entry


class Restore:
    """Sections 12.6 to 12.10. The target is new or empty and symlinks come last, so no path leads through one."""

    def __init__(self, repository, labels, target):
        self.repository, self.labels, self.target = repository, labels, os.fsencode(target)
        self.linked = {}  # what names of one file share -> the first of them
        self.later = []  # symlinks, FIFOs, folders

    def run(self, snapshot):
        os.makedirs(self.target, exist_ok=True)
        if os.listdir(self.target):
            raise SystemExit('the target is not empty')
        for entry in self.repository.entries(snapshot):
            self.attempt(entry, self.make)
        for kind, step in (('fifo', self.make_fifo), ('symlink', self.make_symlink), ('folder', self.finish)):
            for entry in reversed(self.later):  # Reversed, folders come after what is in them.
                if entry['kind'] == kind:
                    self.attempt(entry, step)

    def attempt(self, entry, step):
        try:
            step(entry, self.path_of(entry))
        except (Damaged, OSError, OverflowError) as error:
            lost(f'{os.fsdecode(entry["path"])!r}: {error}')

    def path_of(self, entry):
        label = self.labels[entry['root']]
        at_top = len(self.labels) == 1 and not (entry['path'] == b'' and entry['kind'] != 'folder')
        parts = [self.target, b'' if at_top else label, entry['path']]
        return b'/'.join(part for part in parts if part)

    def make(self, entry, path):
        if entry['kind'] != 'file':
            self.later.append(entry)
        if entry['kind'] == 'folder':
            os.makedirs(path, mode=0o700, exist_ok=True)
        else:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        if entry['kind'] == 'file':
            # Section 9.8: only what has the same link and the same content is the same file.
            same = repr([entry.get(member) for member in ('link', 'size', 'chunks', 'lists')])
            if 'link' in entry and same in self.linked:
                os.link(self.linked[same], path, follow_symlinks=False)
            else:
                self.write_file(entry, path)
                self.linked[same] = path

    def write_file(self, entry, path):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, 'O_NOFOLLOW', 0) | getattr(os, 'O_BINARY', 0)
        try:
            with os.fdopen(os.open(path, flags, 0o600), 'wb') as file:
                length = 0
                for data in self.repository.contents(entry):
                    if entry.get('sparse') is True and data.count(0) == len(data):
                        file.seek(len(data), os.SEEK_CUR)
                    else:
                        file.write(data)
                    length += len(data)
                need(length == entry['size'], 'its chunks have another length than it')
                file.truncate(length)
        except Damaged:
            os.unlink(path)  # Half a file is never left as if it were whole.
            raise
        self.finish(entry, path)

    def make_fifo(self, entry, path):
        os.mkfifo(path, 0o600)
        self.finish(entry, path)

    def make_symlink(self, entry, path):
        os.symlink(entry['target'], path)
        self.finish(entry, path)

    def finish(self, entry, path):
        """Owner, mode, attributes, times: in this order, for each undoes some of the later."""
        mode = entry['mode']
        try:
            if hasattr(os, 'lchown'):
                os.lchown(path, *owner_of(entry))
        except OSError:
            mode &= ~0o6000 if entry['kind'] == 'file' else ~0o4000  # Not with somebody else's rights.
        if entry['kind'] != 'symlink':
            os.chmod(path, mode)
        for name, value in entry.get('xattrs', {}).items():
            try:
                os.setxattr(path, os.fsencode(name), base64.b64decode(value), follow_symlinks=False)
            except (OSError, AttributeError, TypeError, ValueError) as error:
                warn(f'{os.fsdecode(path)!r}: attribute {name!r} was not set: {error}')
        nanoseconds = int(entry['mtime'])
        os.utime(path, ns=(nanoseconds, nanoseconds), follow_symlinks=os.utime not in os.supports_follow_symlinks)


def owner_of(entry):
    """The user and group of these names, if they exist here; else the numbers."""
    import grp, pwd
    owner = [entry['uid'], entry['gid']]
    for at, (find, member) in enumerate(((pwd.getpwnam, 'user'), (grp.getgrnam, 'group'))):
        try:
            owner[at] = find(entry[member])[2]
        except (KeyError, TypeError, ValueError):
            pass
    return owner


problems = 0


def lost(problem):
    global problems
    problems += 1
    warn(problem)


def warn(problem):
    print(str(problem).encode('utf-8', 'backslashreplace').decode(), file=sys.stderr)


def main(arguments):
    if len(arguments) not in (2, 4):
        print(__doc__, file=sys.stderr)
        return 2
    repository = Repository(arguments[0], arguments[1])
    try:
        described = repository.read_json('v1/repository.json')
        if described.get('encryption') != 'none':
            raise SystemExit('the repository is encrypted in a way that this reader does not know')
    except Damaged as error:
        warn(f'{error} (going on: version 1 is taken for granted)')
    names = repository.snapshots()
    if len(arguments) == 2:
        print('\n'.join(names))
        return 0
    wanted = names[-1] if arguments[2] == 'latest' and names else arguments[2]
    if wanted not in names:
        raise SystemExit(f'there is no snapshot "{wanted}" of {arguments[1]}')
    snapshot, labels = repository.snapshot(wanted)
    if arguments[3] == '--list':
        for entry in repository.entries(snapshot):
            print(json.dumps([os.fsdecode(labels[entry['root']]), os.fsdecode(entry['path']), entry['kind']]))
    else:
        Restore(repository, labels, arguments[3]).run(snapshot)
    return 3 if problems else 0


if __name__ == '__main__':
    try:
        sys.exit(main(sys.argv[1:]))
    except Damaged as error:
        sys.exit(f'damaged: {error}')
