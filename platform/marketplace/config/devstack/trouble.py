"""What can go wrong while starting, said with its remedy in both languages."""


class DevstackError(Exception):
    """The stack cannot start or go on; the message says what to do, in Chinese and in English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en


class BinaryMissing(DevstackError):
    """A server program was not found."""


class DiskFull(DevstackError):
    """The folder of the data has no room left."""


class ServerDied(DevstackError):
    """A server or process ended although nobody asked it to."""


class AlreadyRunning(DevstackError):
    """Another launcher is using the same data folder."""
