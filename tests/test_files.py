"""Files are written completely or not at all: by several threads and processes, and on a full disk."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import nn
import viz
from autograd import Value
from nn.exchange.files import write_file

FULL = Path("/dev/full")
full_disk = pytest.mark.skipif(not FULL.exists(), reason="this system has no full device")


def test_of_two_threads_that_save_to_one_path_one_whole_file_wins(tmp_path):
    path = tmp_path / "model.json"
    contents = [letter * 200_000 for letter in (b"a", b"b")]
    write_file(path, contents[0])
    errors, seen, running = [], set(), [True]

    def write(content):
        try:
            for _ in range(60):
                write_file(path, content)
        except OSError as error:
            errors.append(error)

    def read():
        while running:
            seen.add(path.read_bytes())

    writers = [threading.Thread(target=write, args=[content]) for content in contents]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    running.clear()
    reader.join()
    assert (errors, seen <= {*contents}) == ([], True)
    assert [*tmp_path.iterdir()] == [path]


KILLED = """
import os, signal, sys
from pathlib import Path
Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)  # as if someone ended it before the last step
from nn.exchange.files import write_file
write_file(Path(sys.argv[1]), b"half")
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows does not say which processes run")
def test_the_next_save_removes_what_a_killed_process_left(tmp_path):
    path, other = tmp_path / "a[1].svg", tmp_path / ".a[1].svg.notes"
    other.write_text("mine")
    subprocess.run([sys.executable, "-c", KILLED, path], timeout=60, check=False)
    left = {*tmp_path.iterdir()} - {other}
    assert [file.read_bytes() for file in left] == [b"half"]
    running = tmp_path / f".a[1].svg.{os.getpid()}-01234567"
    running.write_text("of a process that runs")
    write_file(path, b"whole")
    assert {*tmp_path.iterdir()} == {path, other, running}
    assert path.read_bytes() == b"whole"


@full_disk
def test_a_full_disk_names_the_file():
    with pytest.raises(OSError, match=r"No space left on device: '/dev/full'"):
        nn.save(nn.MLP(1, [1]), FULL)


def test_a_full_disk_names_the_file_and_keeps_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "graph.svg"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left on device") as caught:
        viz.save(Value(2) * 3, path)
    assert caught.value.filename == str(path)
    assert (path.read_text(), [*tmp_path.iterdir()]) == ("old", [path])


@full_disk
def test_the_command_says_that_its_output_has_no_space():
    command = [sys.executable, "-c", "import sys; from viz.commands.cli import main; sys.exit(main())"]
    with FULL.open("wb") as full:
        done = subprocess.run([*command, "exercise"], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (1, b"gradstep: standard output: No space left on device.\n")


@pytest.mark.parametrize("encoding", ["base64", "hex", "rot13", "zip", "nonsense", "\0"])
def test_a_codec_that_is_none_for_text_gets_a_sentence(encoding, tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n1,x\n2,y\n")
    with pytest.raises(ValueError, match="there is no encoding") as caught:
        nn.read_csv(path, encoding=encoding)
    assert str(caught.value) == f"there is no encoding {encoding!r}; try 'utf-8', 'latin-1' or 'utf-16'."
