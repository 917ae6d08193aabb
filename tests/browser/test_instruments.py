"""The hard instruments, each recorded by touch on the real recorder; what comes out is held to a file that was read through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.browser.conftest import Server, Tablet
from tests.browser.field import enrol, enrolment_code
from tests.browser.observer import Observer, document, golden, path_of, publish

NAMES = (
    "two-regimes-in-one-interval", "flanders-interaction", "letter-and-signed-value", "crossed-counts-in-two-passes",
    "contingency-and-priority", "child-social-play", "activity-by-material-by-group", "teach", "threat-error-outcome",
    "flourishing-place", "social-participation", "statistics-beside-events",
    "six-regimes-at-once",
)  # fmt: skip

Sit = Callable[..., Observer]


@pytest.fixture(scope="module")
def field_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all instruments, with each of them published."""
    server = Server(tmp_path_factory.mktemp("server"))
    server.command("setup", "--demo")
    publish(server, [path_of(name) for name in NAMES])
    server.start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def page(playwright: Playwright, field_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """An enrolled tablet whose clock the tests move."""
    tablet = Tablet(playwright, Path(tmp_path_factory.mktemp("tablet")))
    page = tablet.launch()
    page.clock.install()
    enrol(page, field_server.url, enrolment_code(field_server))
    page.set_default_timeout(8_000)
    yield page
    page.screenshot(path=str(Path(tmp_path_factory.getbasetemp()) / "last.png"))
    tablet.close()


@pytest.fixture
def sit(page: Page, field_server: Server) -> Sit:
    """Sits down with an instrument: `sit(name, people, choices)`."""

    def begin(
        name: str,
        people: tuple[str, ...] = (),
        choices: dict[str, str] | None = None,
        roles: dict[str, str] | None = None,
    ) -> Observer:
        page.clock.resume()
        page.goto(f"{field_server.url}/recorder")
        observer = Observer(page, document(name))
        expect(
            page.get_by_role("button", name="Finish").or_(page.get_by_role("button", name="FILL+")).first
        ).to_be_visible()
        if page.get_by_role("button", name="Finish").count():  # left over from a test that failed
            observer.finish()
            page.goto(f"{field_server.url}/recorder")
            expect(page.get_by_role("button", name="FILL+").first).to_be_visible()
        observer.begin(people, choices, roles)
        return observer

    return begin


def test_a_a_scan_and_an_interval_share_15_seconds_and_a_peer_comes_each_fifth(sit: Sit) -> None:
    boss = sit("two-regimes-in-one-interval", ("P1", "Q1"), roles={"Q1": "Peer"})
    boss.who("P1")
    boss.tap("AE")
    boss.at(5_000)
    boss.tap("OM", "OV")
    boss.at(15_500)
    boss.tap("PE")
    boss.at(20_000)
    boss.press("Nothing seen")
    boss.at(34_500)
    boss.tap("NE")
    boss.at(60_400)
    boss.who("Q1")
    boss.tap("PAE")
    boss.at(66_000)
    boss.tap("POP", "TDI")
    boss.who("P1")
    boss.tap("AE")
    boss.at(76_000)
    boss.finish()
    record = boss.record()
    golden("two-regimes-in-one-interval", record)


def test_b_ten_categories_are_entered_at_a_change_and_again_on_the_beat(sit: Sit) -> None:
    talk = sit("flanders-interaction")
    talk.tap("C5")
    talk.at(3_700)
    talk.press("Same again")
    talk.at(5_200)
    talk.tap("C4")
    talk.at(6_900)
    talk.tap("C8")
    talk.at(16_000)
    talk.tap("C10")
    talk.at(19_000)
    talk.finish()
    record = talk.record()
    entries = [point["code"] for point in record["points"]]
    assert entries.count("C8") >= 3, "the beat repeats the code in force"
    assert [bout["code"] for bout in record["bouts"]][-4:] == ["C5", "C4", "C8", "C10"]
    golden("flanders-interaction", record)


def test_c_eight_persons_have_a_letter_and_a_signed_value_each_five_minutes_and_events_between(sit: Sit) -> None:
    people = tuple(f"D{n}" for n in range(1, 9))
    mapping = sit("letter-and-signed-value", people)
    for place, person in enumerate(people):
        mapping.at(20_000 + 30_000 * place)
        mapping.who(person)
        mapping.tap("ABCDEFGW"[place])
        mapping.judge("Value")
        mapping.rate("Mood and engagement", ("-5", "-3", "-1", "1", "3", "5", "-1", "Cannot judge")[place])
    mapping.at(260_000)
    mapping.tap("DOWN")
    mapping.who("D3")
    mapping.at(302_000)
    mapping.who("D1")
    mapping.tap("B")
    mapping.judge("Value")
    mapping.press("Previous")
    mapping.rate("Mood and engagement", "-3")
    mapping.at(310_000)
    mapping.finish()
    record = mapping.record()
    values = {
        each["subject"]: each.get("value", each["answer"]) for each in record["ratings"] if each["interval"] == 0
    }
    assert values == {"D1": -3, "D2": -3, "D3": -1, "D4": 1, "D5": 3, "D6": 5, "D7": -1, "D8": "cannot-judge"}
    letters = {each["subject"]: each["codes"] for each in record["intervals"] if each["index"] == 0}
    assert letters == {person: [letter] for person, letter in zip(people, "ABCDEFGW", strict=True)}
    assert [(each["code"], each["target"]) for each in record["points"]] == [("DOWN", "D3")]
    golden("letter-and-signed-value", record)


def test_d_people_are_counted_by_activity_age_and_group_in_two_passes(sit: Sit) -> None:
    park = sit("crossed-counts-in-two-passes", ("Area A",))
    park.tab("First pass")
    for cell in (
        "Sedentary, Child, One",
        "Sedentary, Child, One",
        "Walking, Adult, Other",
        "Vigorous, Teenager, One",
    ):
        park.count(cell)
    park.press("Take away")
    park.count("Sedentary, Child, One")
    park.press("Scan is complete")
    park.tab("Second pass")
    park.press("Nobody there")
    park.tab("Conditions")
    park.rate("Usable", "Yes")
    park.rate("Lit", "Cannot judge")
    park.at(905_000)
    park.tab("First pass")
    park.count("Walking, Older adult, One")
    park.at(910_000)
    park.finish()
    record = park.record()
    first = next(each for each in record["scans"] if each["stream"] == "F" and each["index"] == 0)
    assert sum(each["n"] for each in first["counts"]) == 3
    assert [each["state"] for each in record["scans"] if each["stream"] == "M"] == ["empty", "missed"]


def test_e_what_a_child_does_is_tied_to_the_command_before_it(sit: Sit) -> None:
    talk = sit("contingency-and-priority", choices={"Situation": "Child leads"})
    talk.tap("PD")
    talk.at(3_000)
    talk.tap("CO")
    talk.at(3_300)
    talk.press("Yes")
    talk.at(9_000)
    talk.tap("PI")
    talk.at(15_000)
    talk.press("Nothing answered")
    talk.at(20_000)
    talk.tap("PQ", "PN")
    talk.at(25_000)
    talk.finish()
    record = talk.record()
    assert [(each["link"], each.get("wait_ms"), each.get("within", False)) for each in record["links"]] == [
        ("after_command", 2_400, True), ("after_command", None, False),
    ]  # fmt: skip
    golden("contingency-and-priority", record)


def test_f_two_children_run_on_three_tracks_at_once(sit: Sit) -> None:
    play = sit("child-social-play", ("Purple", "Yellow"))
    play.who("Purple")
    play.tap("goaloriented", "solitary", "passive")
    play.at(1_000)
    play.who("Yellow")
    play.tap("aimless", "onlooker", "passive")
    play.at(10_000)
    play.tap("parallel")
    play.at(12_500)
    play.who("Purple")
    play.tap("cooperative", "prosocial")
    play.at(14_000)
    play.press("Out of view")
    play.at(18_000)
    play.press("In view")
    play.at(20_000)
    play.finish()
    record = play.record()
    tracks = {(bout["subject"], bout["stream"]) for bout in record["bouts"]}
    assert tracks == {(who, track) for who in ("Purple", "Yellow") for track in ("task", "social", "attitude")}
    golden("child-social-play", record)


def test_g_a_snapshot_holds_activity_material_and_group_for_teacher_and_pupils_at_once(sit: Sit) -> None:
    look = sit("activity-by-material-by-group")
    look.at(150_000)
    look.tap("T1")
    look.details(Material="Board", Group="Whole class")
    look.tap("P1")
    look.details(Material="Board", Group="Large group")
    look.tap("P8")
    look.details(Material="None", Group="One pupil")
    look.at(156_000)
    look.tap("T2")
    look.details(Material="Textbook", Group="Small group")
    look.at(475_000)
    look.tap("T13")
    look.details(Material="None", Group="Whole class")
    look.at(480_000)
    look.finish()
    record = look.record()
    first = [(each["code"], each["modifiers"]) for each in record["scans"] if each["index"] == 0]
    assert [code for code, _ in first] == ["T2", "P1", "P8"]
    assert all({"material", "size"} == set(modifiers) for _, modifiers in first)
    golden("activity-by-material-by-group", record)


def test_h_behaviours_and_elements_are_judged_for_each_segment_also_after_it(sit: Sit) -> None:
    lesson = sit("teach")
    lesson.at(150_500)
    lesson.tap("T_YES", "P_HIGH")
    lesson.at(450_000)
    lesson.tap("T_NO")
    lesson.at(901_000)
    lesson.judge("elements")
    lesson.press("Previous")
    lesson.rate(lesson.label("e1"), "4")
    lesson.rate(lesson.label("e2"), "2")
    lesson.judge("behaviours")
    lesson.rate(lesson.label("e1_1"), "3")
    lesson.at(905_000)
    lesson.finish()
    record = lesson.record()
    assert [(each["rating"], each["value"], each["interval"]) for each in record["ratings"]] == [
        ("e1", 4, 0), ("e2", 2, 0), ("e1_1", 3, 0),
    ]  # fmt: skip
    golden("teach", record)


def test_i_threat_error_and_outcome_are_tied_into_a_chain(sit: Sit) -> None:
    flight = sit("threat-error-outcome")
    flight.tap("T1")
    flight.details(Phase="Start")
    flight.at(30_000)
    flight.tap("E1")
    flight.details(**{"Phase": "Middle", "How it was met": "Caught"})
    flight.write("Selected the wrong runway")
    flight.press("Yes")
    flight.at(60_000)
    flight.tap("O1")
    flight.press("Yes")
    flight.at(70_000)
    flight.finish()
    record = flight.record()
    assert [each["link"] for each in record["links"]] == ["led", "came_of"]
    assert record["notes"][0]["text"] == "Selected the wrong runway"
    golden("threat-error-outcome", record)


def test_j_an_aspect_is_seen_and_its_contrary_too_and_nothing_is_added_up(sit: Sit) -> None:
    place = sit("flourishing-place", choices={"Level of the case": "Organisation"})
    place.who(place.actor("case"))
    place.tap("F01")
    place.details(**{place.asked(): place.option(0)})
    place.at(5_000)
    place.tap("F01")
    place.details(**{place.asked(): place.option(1)})
    place.at(8_000)
    place.finish()
    record = place.record()
    assert len({str(each["modifiers"]) for each in record["points"]}) == 2
    golden("flourishing-place", record)


def test_k_each_child_in_turn_has_the_predominant_code_of_a_minute(sit: Sit) -> None:
    play = sit("social-participation", ("C1", "C2", "C3"))
    play.at(50_000)
    play.tap("SOL", "PAR")
    play.leave_details()
    play.at(110_000)
    play.tap("COO")
    play.leave_details()
    play.at(170_000)
    play.press("Missed it")
    play.at(181_000)
    play.finish()
    record = play.record()
    minutes = [(each["subject"], each["state"], each.get("codes")) for each in record["intervals"][:3]]
    assert minutes == [("C1", "ticked", ["PAR"]), ("C2", "ticked", ["COO"]), ("C3", "missed", None)]
    golden("social-participation", record)


def test_l_a_statistic_keeps_its_source_and_date_beside_what_was_seen(sit: Sit) -> None:
    street = sit("statistics-beside-events")
    street.meet("R1")
    street.tap("HELPS")
    street.judge("Judged")
    street.rate("Welcoming", "2")
    street.judge("Figures from elsewhere")
    page = street.page
    page.get_by_role("spinbutton", name="Nursery places").fill("41.5")
    page.get_by_role("spinbutton", name="Nursery places").press("Tab")
    page.get_by_label("Source").fill("City statistics, table 4")
    page.get_by_label("Source").press("Tab")
    page.get_by_label("Date").fill("2025-12-31")
    page.get_by_label("Date").press("Tab")
    street.at(4_000)
    street.finish()
    record = street.record()
    figure = next(each for each in record["ratings"] if each["rating"] == "PLACES")
    assert figure["value"] == 41.5
    assert figure["details"] == {"source": "City statistics, table 4", "date": "2025-12-31"}
    golden("statistics-beside-events", record)


def test_six_ways_of_sampling_go_on_in_one_session_each_with_its_own_clock(sit: Sit) -> None:
    yard = sit("six-regimes-at-once", ("K1", "K2"))
    yard.judge("Before it begins")
    yard.rate("Light enough to see", "Yes")
    yard.who("K1")
    yard.tap("ALONE")
    yard.at(4_000)
    yard.tap("SIT")
    yard.tap("MOVE")
    yard.at(12_000)
    yard.tap("PROMOTE")
    yard.at(31_000)
    yard.tap("PASS", "PASS")
    yard.at(65_000)
    yard.tap("PASS")
    yard.at(242_000)
    yard.who("K1")
    yard.tap("WITH")
    yard.tap("MOVE")
    yard.at(255_000)
    yard.tap("SIT")
    yard.judge("At the end")
    yard.rate("Calm", "-2")
    yard.at(260_000)
    yard.finish()
    record = yard.record()
    scans = [(each["subject"], each["index"], each["code"], each["state"]) for each in record["scans"]]
    assert scans == [
        ("K1", 0, "SIT", "taken"), ("K2", 0, "MOVE", "taken"), ("K1", 1, "MOVE", "taken"), ("K2", 1, "SIT", "late"),
    ]  # fmt: skip
    assert [each.get("values") for each in record["intervals"] if each["stream"] == "passes"][:2] == [
        {"PASS": 2},
        {"PASS": 1},
    ]
    cycle = next(each for each in record["intervals"] if each["stream"] == "teaching")
    assert (cycle["start"], cycle["end"], cycle["codes"]) == (0, 10_000, ["PROMOTE"])
    assert [(bout["subject"], bout["code"]) for bout in record["bouts"]] == [("K1", "ALONE"), ("K1", "WITH")]
    golden("six-regimes-at-once", record)
