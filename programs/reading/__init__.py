"""From the paper to proposals: `read_document`, then `propose`. Knows no model, no database.

The rules are about the language of Vietnamese administrative papers, never about one paper.
What is proposed carries the sentence it was read from; a person confirms it elsewhere.
"""

from programs.reading.document import Document, ReadingError
from programs.reading.facts import Reading, Source
from programs.reading.intake import read_apart, read_document
from programs.reading.propose import propose

__all__ = [
    "Document",
    "Reading",
    "ReadingError",
    "Source",
    "propose",
    "read_apart",
    "read_document",
]
