"""Settings, published.yml and cut.yml: what YAML reads otherwise than it is written is refused with key and line."""

import os
import re
import sys

import pytest
import yaml
from conftest import ROOT, SHIPPED_CUT

from expectations import strict_yaml
from intake.mapping import MappingError, read_mapping
from study.add import _settings_that_report
from study.add import add as take_in
from study.cuts import find_cut, read_cut
from study.errors import UsageError
from study.settings import load_published, load_settings

ODD_VALUES = [
    "010", "0x1f", "0b11", "1:30", "1_000", "9" * 400, ".inf", "-.inf", ".nan", "1e400", "yes", "No", "on",
    "!!int 3", "&a 3", "2022-02-30",
    "2022-06-06 10:00:00", "=", "[" * 3000, "{a: 1, a: 2}", "\x00", "\tx\n\ty", "[a, *b]",
]  # fmt: skip


@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: ascii(value[:12]))
@pytest.mark.parametrize("key", ["dose_window_days", "label"])
def test_a_value_that_yaml_reads_otherwise_is_refused_with_its_line(tmp_path, key, value):
    path = tmp_path / "study.yml"
    text = (ROOT / "study.yml").read_text("utf-8")
    line = next(number for number, each in enumerate(text.splitlines(), 1) if each.startswith(f"{key}:"))
    path.write_text(re.sub(rf"(?m)^{key}:.*$", lambda _: f"{key}: {value}", text), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"study.yml line {line}(?:[:, ]|$)") as refusal:
        load_settings(path)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 500


@pytest.mark.parametrize(("key", "value"), [
    ("dose_window_days", "91"), ("visit_window_days", "100000"), ("scorad_tolerance", "103.0"),
    ("follow_up_grace_days", "400"),
    ("age_years", "[0, 1000]"), ("primary_week", "99999"), ("cell_seconds", "100000000"), ("label", "[us]"),
    ("label", "{us: 1}"),
])  # fmt: skip
def test_an_absurd_setting_is_refused_with_key_and_line(tmp_path, key, value):
    path = tmp_path / "study.yml"
    path.write_text(re.sub(rf"(?m)^{key}:.*$", f"{key}: {value}", (ROOT / "study.yml").read_text("utf-8")), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"line \d+: {key} is "):
        load_settings(path)


def test_a_doubled_setting_names_both_lines(tmp_path):
    path = tmp_path / "study.yml"
    path.write_text((ROOT / "study.yml").read_text("utf-8") + "cell_seconds: 9\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line \d+: cell_seconds is there already on line \d+"):
        load_settings(path)


@pytest.mark.parametrize("text", ["", "[]", "paper: x", "paper: {}\ndesign: {}\nclaims: [1]\nheld: []", "a: " + "[" * 9999, "a: *b"])
def test_facts_without_their_form_are_refused(tmp_path, text):
    (tmp_path / "published.yml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"published\.yml"):
        load_published(tmp_path / "published.yml")


def test_a_large_file_is_refused(tmp_path):
    (tmp_path / "study.yml").write_text("#" * (strict_yaml.LARGEST + 1), encoding="utf-8")
    with pytest.raises(UsageError, match="larger than 256 kB"):
        load_settings(tmp_path / "study.yml")


@pytest.mark.parametrize(("key", "value"), [
    ("extracted", "1969-07-20"), ("extracted", "0001-01-01"), ("extracted", "2108-01-01"), ("label", '"\\u3164"'),
    ("label", '"\\u200b"'),
    ("label", '"-"'), ("label", '"W\u0435ek 26"'), ("description", '"a\\u202eb"'),
    ("label", '"Sj\u00c3\u00b6gren"'), ("label", "#REF!"),
    ("label", '"#REF!"'), ("label", '"   "'),
])  # fmt: skip
def test_what_a_cut_says_of_itself_is_what_it_looks_like(cut_copy, key, value):
    path = cut_copy / "cut.yml"
    text = path.read_text("utf-8")
    start = rf"(?ms)^{key}:.*?(?=^\w)"
    path.write_text(re.sub(start, lambda _: f"{key}: {value}\n", text), encoding="utf-8")
    with pytest.raises(UsageError, match=rf"cut.yml line \d+: {key} "):
        read_cut(cut_copy)


@pytest.mark.parametrize("name", [
    "2022-12-19", "52", "2022", "null", "no", "true", "010", "0x1f", "y", "on", "off", "1e5", "0b1", "week-52"])
def test_the_name_of_a_cut_reads_back_as_the_text_it_is(name):
    text = _settings_that_report(name)
    assert yaml.safe_load(text)["cut"] == name and yaml.load(text, yaml.BaseLoader)["cut"] == name


@pytest.mark.parametrize("name", ["con", "aux", "nul.x", "com1", "lpt9.csv", "prn", "a" * 65, "a.", "a ", "a:b", "a*", "..", "a/b"])
def test_a_name_that_no_other_machine_holds_is_refused(name):
    with pytest.raises(UsageError) as refusal:
        take_in(SHIPPED_CUT, name, load_settings())
    assert "\n" not in str(refusal.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among files, and links need a right")
def test_loops_pipes_and_devices_are_refused_at_once(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    for given in ("loop", "pipe", "x" * 5000):
        with pytest.raises(UsageError, match="no data cut"):
            find_cut(tmp_path / given)
    for path in (tmp_path / "loop", tmp_path / "pipe", tmp_path, "/dev/zero"):
        with pytest.raises(UsageError):
            load_settings(type(tmp_path)(path))
    for mapping in ("pipe", "loop"):
        with pytest.raises(UsageError, match="no ordinary file"):
            take_in(SHIPPED_CUT, "new", load_settings(), tmp_path / mapping)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a: " + b"[" * 5000, "nested more than 20 deep"),
        (b"form: \xff", "line 1: byte 7 of the file is not UTF-8"),
        (b"#" * (strict_yaml.LARGEST + 1), "larger than"),
        (b"form: csv\n\x00", "line 2: the character U"),
    ],
    ids=["deep", "bytes", "large", "control"],
)
def test_a_mapping_has_the_same_bounds(tmp_path, content, said):
    (tmp_path / "clinic.yml").write_bytes(content)
    with pytest.raises(MappingError, match=re.escape(said)):
        read_mapping(tmp_path / "clinic.yml")
