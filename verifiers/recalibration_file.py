"""A recalibration kept in a file, and the verifier that it was fitted on."""

import json
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from .recalibration import LogitLine, RecalibratedVerifier
from .verdict import Verifier

SCHEMA = 1


class RecalibrationFileError(ValueError):
    """A file that is no recalibration, or one of another verifier; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Recalibration:
    """A line with where it comes from.

    Attributes:
        verifier, version: What was recalibrated; the line is right for that version only.
        data, sha256: Name and digest of the file of labels. labels, supported: Claims used, and supported ones.
    """

    verifier: str
    version: str
    line: LogitLine
    data: str
    sha256: str
    labels: int
    supported: int


def recalibration_json(found: Recalibration) -> dict[str, Any]:
    """The object that is written (schema 1)."""
    return {"schema": SCHEMA, **asdict(found)}


def recalibration_from(text: str, where: str) -> Recalibration:
    """A recalibration from its file's text.

    Args:
        where: Name of the file, for messages.

    Raises:
        RecalibrationFileError: The text is none, or of another schema.
    """
    try:
        read = json.loads(text)
        if read["schema"] != SCHEMA:
            raise RecalibrationFileError(f"{where}: schema {read['schema']!r} is not {SCHEMA}: recalibrate again")
        line = LogitLine(float(read["line"]["intercept"]), float(read["line"]["slope"]))
        verifier, version, data, digest = (str(read[name]) for name in ("verifier", "version", "data", "sha256"))
        found = Recalibration(verifier, version, line, data, digest, int(read["labels"]), int(read["supported"]))
    except RecalibrationFileError:
        raise
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise RecalibrationFileError(
            f"{where}: not a recalibration ({error!r}): make one with vcpd verify recalibrate LABELLED --out FILE"
        ) from error
    if not (isfinite(line.intercept) and isfinite(line.slope)) or line.slope < 0:
        raise RecalibrationFileError(f"{where}: line: intercept and slope must be finite, and the slope not below 0")
    return found


def applied(found: Recalibration, verifier: Verifier, where: str) -> RecalibratedVerifier:
    """`verifier` with its probabilities moved.

    Raises:
        RecalibrationFileError: It is not the verifier, or not the version, that was recalibrated.
    """
    if (verifier.name, verifier.version) != (found.verifier, found.version):
        raise RecalibrationFileError(
            f"{where} is of verifier {found.verifier} {found.version}, not of {verifier.name} {verifier.version}: "
            "recalibrate again, or name that verifier with --verifier"
        )
    return RecalibratedVerifier(verifier, found.line)
