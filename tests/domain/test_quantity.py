"""How amounts are read and written."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference_provider.domain.quantity import canonical_cpu, canonical_memory, cpu_millis, gpu_count, memory_bytes

UNITS = st.sampled_from(["", "B", "b", "k", "kb", "Ki", "M", "MB", "mb", "Mi", "MiB", "G", "gb", "Gi", "gi", "T", "Ti"])


@pytest.mark.parametrize(
    ("written", "millis"),
    [(2, 2000), (2.0, 2000), (0.5, 500), ("500m", 500), ("2", 2000), (" .25 ", 250), (0.1 + 0.2, 300)],
)
def test_cpu_is_read_in_every_usual_spelling(written: float | str, millis: int) -> None:
    assert cpu_millis(written) == millis


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("16Gi", 16 * 1024**3),
        ("15GB", 15 * 1000**3),
        ("512Mi", 512 * 1024**2),
        ("8gb", 8 * 1000**3),
        ("8 GB", 8 * 1000**3),
        (17179869184.0, 16 * 1024**3),
        ("17179869184", 16 * 1024**3),
        ("1.5Gi", 3 * 1024**3 // 2),
        ("0.1Ki", 103),
        ("64K", 64000),
    ],
)
def test_memory_is_read_in_every_usual_spelling(written: float | str, amount: int) -> None:
    assert memory_bytes(written) == amount


@pytest.mark.parametrize(
    ("written", "text"),
    [("16Gi", "16Gi"), ("16384Mi", "16Gi"), (17179869184, "16Gi"), ("15GB", "15G"), ("0", "0"), ("1000", "1k")],
)
def test_memory_has_one_text_that_kubernetes_accepts(written: float | str, text: str) -> None:
    assert canonical_memory(written) == text


@pytest.mark.parametrize(
    "written", ["", "much", "-1Gi", -1, "16Gib/s", "16Xi", "1e9", float("nan"), float("inf"), "Gi"]
)
def test_what_is_no_amount_of_memory_is_refused_with_an_example(written: float | str) -> None:
    with pytest.raises(ValueError, match=r"(?=.*write)(?=.*16Gi)"):
        memory_bytes(written)


def test_a_small_m_is_not_taken_for_megabytes() -> None:
    with pytest.raises(ValueError, match=r"Mi .* MB"):
        memory_bytes("512m")


@pytest.mark.parametrize(
    ("written", "reason"), [("2k", "cores"), ("0.5m", "finer"), (0.0001, "finer"), ("two", "500m")]
)
def test_what_is_no_amount_of_cpu_is_refused(written: float | str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        cpu_millis(written)


def test_a_part_of_a_gpu_is_refused_with_a_hint() -> None:
    assert gpu_count(2.0) == 2
    assert gpu_count("4") == 4
    with pytest.raises(ValueError, match="MIG"):
        gpu_count(0.5)
    with pytest.raises(ValueError, match="1 or 2"):
        gpu_count("1m")


@pytest.mark.parametrize("read", [canonical_cpu, canonical_memory, gpu_count])
@pytest.mark.parametrize("written", [1e300, "99999999999999999999"])
def test_more_than_kubernetes_can_count_is_refused(read: Callable[[float | str], object], written: float | str) -> None:
    with pytest.raises(ValueError, match="more than Kubernetes can count"):
        read(written)


@given(st.integers(0, 8 * 10**6), UNITS)
def test_the_text_of_an_amount_of_memory_is_the_same_amount_and_its_own_text(amount: int, unit: str) -> None:
    text = canonical_memory(f"{amount}{unit}")
    assert memory_bytes(text) == memory_bytes(f"{amount}{unit}")
    assert canonical_memory(text) == text == canonical_memory(memory_bytes(text))


@given(st.integers(0, 10**9))
def test_the_text_of_an_amount_of_cpu_is_the_same_amount_and_its_own_text(millis: int) -> None:
    text = canonical_cpu(f"{millis}m")
    assert cpu_millis(text) == millis == cpu_millis(millis / 1000)
    assert canonical_cpu(text) == text


@given(st.one_of(st.text(), st.floats(), st.integers()))
def test_nothing_but_an_amount_or_a_sentence_comes_back_from_nonsense(value: float | str) -> None:
    for read in (cpu_millis, memory_bytes, gpu_count):
        with suppress(ValueError):
            assert read(value) >= 0
