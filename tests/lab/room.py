"""A file system for one server, of which nothing stays behind.

It is an overlay of this machine's, or one made by debootstrap; what is written to it lies in
memory. It, the processes and the network live in name spaces that end together with the process
that made them.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from lab.names import CLIENTS_FILE, DOMAIN, HOST, HOSTS_FILE, PLACES

# a mirror may hold a release that nobody signs anew
_APT: Final = (
    *("apt-get", "-qq", "-o", "Dpkg::Use-Pty=0", "-o", "Acquire::Retries=3"),
    *("-o", "Acquire::Check-Valid-Until=false"),
)
_ENVIRONMENT: Final = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "DEBIAN_FRONTEND": "noninteractive",
}
_LONGEST_COMMAND: Final = 300.0  # seconds
_PATIENCE: Final = 20.0
_NO_SERVICES: Final = "#!/bin/sh\nexit 101\n"


class Room:
    """The file system, and what runs in it."""

    def __init__(self, folder: Path, suite: str | None = None, bases: Path | None = None) -> None:
        """*folder* is an empty one, which the name space covers with memory.

        With a *suite* of Debian the room is built from its packages instead of from this machine;
        *bases* is where the beginning of such a room is kept for the next one.
        """
        self.root = folder / "root"
        self._suite = suite
        self._bases = bases
        self._folder = folder
        self._started: list[subprocess.Popen[bytes]] = []

    def build(self) -> None:
        """Mount the overlay; to be called once, in a mount name space of its own."""
        _call("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", str(self._folder))
        for name in ("upper", "work", "root"):
            (self._folder / name).mkdir()
        if self._suite and not self._bases:
            _bootstrap(self._suite, self.root)
        else:
            lower = self._find_base()
            halves = f"lowerdir={lower},upperdir={self._folder}/upper,workdir={self._folder}/work"
            _call("mount", "-t", "overlay", "-o", halves, "overlay", str(self.root))
        _call("mount", "--rbind", "/dev", str(self.root / "dev"))
        _call("mount", "-t", "proc", "proc", str(self.root / "proc"))
        _call("mount", "-t", "tmpfs", "tmpfs", str(self.root / "run"))
        _call("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", str(self.root / "tmp"))
        self.write("/usr/sbin/policy-rc.d", _NO_SERVICES, mode=0o755)
        # what would only cost time
        self.write("/etc/dpkg/dpkg.cfg.d/lab", "force-unsafe-io\npath-exclude=/usr/share/man/*\n")
        self.path("/var/lib/man-db/auto-update").unlink(missing_ok=True)

    def _find_base(self) -> Path:
        """Give the files over which the room lies: this machine's, or those of a suite."""
        if not (self._suite and self._bases):
            return Path("/")
        base = self._bases / self._suite
        if not base.exists():
            unfinished = self._bases / f"{self._suite}.new"
            _bootstrap(self._suite, unfinished)
            unfinished.rename(base)
        return base

    def show(self, folder: Path) -> None:
        """Let the room see a folder that lies where the room has memory of its own."""
        if not self.path(str(folder)).exists():
            self.path(str(folder)).mkdir(parents=True)
            _call("mount", "--bind", str(folder), str(self.path(str(folder))))

    def isolate(self) -> None:
        """Set up the network, in a network name space of its own: loopback, and no way out."""
        _call("ip", "link", "set", "lo", "up")
        for place in PLACES:
            if place.name != "localhost":
                prefix = "128" if ":" in place.address else "32"
                _call("ip", "address", "add", f"{place.address}/{prefix}", "dev", "lo")
        socket.sethostname(HOST)
        self.write("/etc/hostname", f"{HOST}\n")
        self.write("/etc/mailname", f"{DOMAIN}\n")
        self.write("/etc/hosts", HOSTS_FILE)
        self.write("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        self.write("/etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\n")
        self.write("/etc/ssl/openssl.cnf", "# the lab tries old versions, too\n")
        self.write("/etc/timezone", "UTC\n")
        # no name exists but these
        self.write("/etc/lab-hosts", CLIENTS_FILE)
        self.spawn(
            *("dnsmasq", "--keep-in-foreground", "--no-resolv", "--local=/#/", "--user=root"),
            "--addn-hosts=/etc/lab-hosts",
        )

    def install(self, packages: Iterable[str]) -> None:
        """Install Debian packages, without starting what they bring."""
        self.run(*_APT, "update")
        self.run(*_APT, "install", "--yes", "--no-install-recommends", "dnsmasq-base", *packages)

    def install_if_known(self, package: str) -> None:
        """Install a package that not every release has."""
        if self.run("apt-cache", "--quiet=0", "policy", package).count("Candidate: (none)"):
            return
        self.run(*_APT, "install", "--yes", "--no-install-recommends", package, check=False)

    def run(self, *command: str, stdin: str | None = None, check: bool = True) -> str:
        """Run *command* to its end in the room, and give what it wrote."""
        done = subprocess.run(
            ("chroot", self.root, *command),
            input=stdin,
            text=True,
            check=False,
            # what else the machine sets may be needed to reach package registries
            env=os.environ | _ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LONGEST_COMMAND,
        )
        if check and done.returncode:
            raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}")
        return done.stdout

    def spawn(self, *command: str, log: str = "/tmp/spawned.log") -> None:  # noqa: S108
        """Start *command* in the room; it is stopped by `stop_all`."""
        with self.path(log).open("ab") as output:
            self._started.append(
                subprocess.Popen(
                    ("chroot", self.root, *command),
                    env=_ENVIRONMENT,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            )

    def stop_all(self) -> None:
        """Stop what `spawn` started, by its process id."""
        for process in reversed(self._started):
            process.terminate()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._started.clear()

    def path(self, inside: str) -> Path:
        """Give the place of an absolute path of the room."""
        return self.root / inside.lstrip("/")

    def write(self, inside: str, text: str, *, mode: int = 0o644) -> None:
        """Write a file of the room."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink():
            path.unlink()
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)

    def copy(self, source: Path, inside: str, *, mode: int = 0o644) -> None:
        """Copy a file into the room."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        path.chmod(mode)

    def copy_certificates(self, source: Path) -> None:
        """Copy what a server needs to `/etc/lab`."""
        for name in ("server.crt", "server.key", "server.pem", "ca.crt"):
            self.copy(source / name, f"/etc/lab/{name}", mode=0o600 if "crt" not in name else 0o644)

    def read_maildir(self, inside: str) -> list[bytes]:
        """Read the messages of a Maildir."""
        folders = (self.path(inside) / name for name in ("new", "cur"))
        return [path.read_bytes() for folder in folders for path in folder.glob("*")]

    def package_version(self, package: str) -> str:
        """Give the version of an installed Debian package."""
        return self.run("dpkg-query", "--show", "--showformat=${Version}", package)

    def system(self) -> str:
        """Name the distribution."""
        text = self.path("/etc/os-release").resolve().read_text(encoding="utf-8")
        fields = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        return fields["PRETTY_NAME"].strip('"')


def wait_for_port(port: int) -> None:
    """Wait until a server listens on *port* of loopback."""
    end = monotonic() + _PATIENCE
    while monotonic() < end:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}")


def _bootstrap(suite: str, root: Path) -> None:
    _call("debootstrap", "--variant=minbase", suite, str(root))


def _call(*command: str) -> None:
    done = subprocess.run(command, check=False, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
