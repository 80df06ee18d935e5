"""The file formats that can be read: which function reads each, how large a file may be, and where it is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from index.extract import Extract

CORPUS_SUFFIX = ".jsonl"
LARGEST_TEXT_BYTES = 50_000_000
LARGEST_FILE_BYTES = 300_000_000  # with pictures in it


@dataclass(frozen=True, slots=True)
class Format:
    """How one file format is read.

    Attributes:
        reader: "module:function" of the reader, which takes bytes and gives an `Extract`; imported when it is needed.
        largest_bytes: larger files are refused.
        apart: whether it is read in a process of its own, because a file could hang or crash the reader.
        pages_judged: whether its reader has judged the text of each page.
    """

    reader: str
    largest_bytes: int = LARGEST_TEXT_BYTES
    apart: bool = True
    pages_judged: bool = False

    def read(self, content: bytes) -> Extract:
        """Read the bytes of a file.

        Raises:
            RefusedError: they are not a document of this format.
        """
        module, _, name = self.reader.partition(":")
        function: Callable[[bytes], Extract] = getattr(import_module(module), name)
        return function(content)


_HTML = Format("index.read_html:read_html")
FORMATS: Mapping[str, Format] = {
    ".md": Format("index.read_text:read_markdown", apart=False),
    ".markdown": Format("index.read_text:read_markdown", apart=False),
    ".txt": Format("index.read_text:read_text", apart=False),
    CORPUS_SUFFIX: Format("index.corpus:read_corpus_line", apart=False),
    ".pdf": Format("index.read_pdf:read_pdf", LARGEST_FILE_BYTES, pages_judged=True),
    ".docx": Format("index.read_docx:read_docx", LARGEST_FILE_BYTES),
    ".pptx": Format("index.read_pptx:read_pptx", LARGEST_FILE_BYTES),
    ".xlsx": Format("index.read_tables:read_xlsx", LARGEST_FILE_BYTES),
    ".csv": Format("index.read_tables:read_csv"),
    ".tsv": Format("index.read_tables:read_csv"),
    ".html": _HTML,
    ".htm": _HTML,
    ".xhtml": _HTML,
    ".epub": Format("index.read_epub:read_epub", LARGEST_FILE_BYTES),
}
# Documents that people would miss if they were passed over like pictures are.
UNREAD: Mapping[str, str] = {
    **dict.fromkeys((".doc", ".docm", ".dot", ".rtf", ".odt", ".pages", ".wps", ".jtd"), ".docx or .pdf"),
    **dict.fromkeys((".ppt", ".pptm", ".pps", ".ppsx", ".odp", ".key"), ".pptx or .pdf"),
    **dict.fromkeys((".xls", ".xlsm", ".xlsb", ".ods", ".numbers"), ".xlsx or .csv"),
    **dict.fromkeys((".mobi", ".azw", ".azw3"), ".epub"),
    **dict.fromkeys((".xps", ".djvu", ".ps", ".tex"), ".pdf"),
    **dict.fromkeys((".mht", ".mhtml", ".eml", ".msg"), ".html"),
    **dict.fromkeys((".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".lzh"), "a folder: unpack it"),
}
