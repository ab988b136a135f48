"""One identifier, several owners in turn."""

from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from algorithms.identity.evidence import gather
from algorithms.identity.policy import Policy, read_policy
from tests.identity_world import facts_of, groups, run

unhurried = settings(deadline=None, max_examples=150)
NEVER = 1_000_000
DATES = ["1990-04-07", "1990-04-08", "1961-12-30", None]
NAMES = ["anna", "berta", None]


def limited(*, window_days: int | None = None, gap_days: int | None = 60) -> Policy:
    """Return a policy with these limits for phones; a cookie is another one after 90 days."""
    shipped = read_policy()
    changes = {
        "phone": {"window_days": window_days, "gap_days": gap_days},
        "cookie": {"window_days": 90, "gap_days": None},
    }
    kinds = {name: shipped.kinds[name].model_copy(update=said) for name, said in changes.items()}  # type: ignore[index]
    return shipped.model_copy(update={"kinds": {**shipped.kinds, **kinds}})


POLICY = limited()


def epochs_of(*lines: str, policy: Policy = POLICY) -> dict[tuple[str, str], int]:
    """Return the epoch of each link, by account and identifier."""
    evidence = gather(facts_of(*lines), policy)
    accounts, identifiers = evidence.accounts.to_pylist(), evidence.identifiers.to_pylist()
    links = zip(evidence.links.account.tolist(), evidence.links.identifier.tolist(), strict=True)
    epochs = evidence.epoch.tolist()
    return {
        (accounts[a], identifiers[i]): epoch for (a, i), epoch in zip(links, epochs, strict=True)
    }


def test_a_cookie_that_was_not_seen_for_long_is_another_one() -> None:
    found = epochs_of(
        "web:1 visitor cookie:1@0-10", "web:2 visitor cookie:1@100", "web:3 visitor cookie:1@191"
    )

    # 90 days are the window: 100 - 10 is not more, 191 - 100 is
    assert [found[f"web:{n}", "cookie:1"] for n in (1, 2, 3)] == [1, 1, 2]


def test_a_phone_changes_hands_only_between_persons_who_contradict_each_other() -> None:
    strangers = epochs_of(
        "crm:1 member phone:1@0-10 =1990-04-07", "crm:2 member phone:1@80 =1961-12-30"
    )
    one = epochs_of("crm:1 member phone:1@0-10 =1990-04-07", "crm:2 member phone:1@80")

    assert strangers["crm:2", "phone:1"] == 2
    assert one["crm:2", "phone:1"] == 1


def test_the_pause_has_to_be_longer_than_the_gap() -> None:
    lines = ("crm:1 member phone:1@0-10 =1990-04-07", "crm:2 member phone:1@{} =1961-12-30")

    short, long = (
        epochs_of(lines[0], lines[1].format(day))["crm:2", "phone:1"] for day in (70, 71)
    )

    assert (short, long) == (1, 2)


def test_who_uses_a_phone_all_along_leaves_no_pause() -> None:
    found = epochs_of(
        "crm:1 member phone:1@0-100 =1990-04-07",
        "erp:1 member phone:1@5-6",
        "crm:2 member phone:1@120 =1961-12-30",
    )

    assert set(found.values()) == {1}


def test_the_new_owner_of_a_number_inherits_nobody() -> None:
    lines = (
        "crm:1 member phone:1@0 =1990-04-07 ~anna",
        "pos:1 card phone:1@5",
        "crm:2 member phone:1@200 =1961-12-30 ~berta",
        "pos:2 card phone:1@210",
    )

    found = groups(run(facts_of(*lines), policy=POLICY))

    assert found == {frozenset({"crm:1", "pos:1"}), frozenset({"crm:2", "pos:2"})}


def test_whom_nobody_dates_belongs_to_the_last_owner() -> None:
    found = epochs_of(
        "crm:1 member phone:1@0 =1990-04-07",
        "crm:2 member phone:1@200 =1961-12-30",
        "pos:1 card phone:1",
    )

    assert found["pos:1", "phone:1"] == 2


def test_whoever_had_a_number_before_a_window_closed_says_nothing_about_later_owners() -> None:
    policy = limited(window_days=365)
    lines = (
        "crm:1 member phone:1@0 =1990-04-07",
        "crm:2 member phone:1@500",
        "crm:3 member phone:1@600 =1961-12-30",
    )

    found = epochs_of(*lines, policy=policy)

    # between the second and the third nothing contradicts itself: one owner
    assert [found[f"crm:{n}", "phone:1"] for n in (1, 2, 3)] == [1, 2, 2]


def test_identifiers_do_not_disturb_each_other() -> None:
    found = epochs_of(
        "web:1 visitor cookie:1@0 cookie:2@300",
        "web:2 visitor cookie:1@300 cookie:2@310",
        "web:3 visitor cookie:2@10",
    )

    assert found == {
        ("web:1", "cookie:1"): 1,
        ("web:2", "cookie:1"): 2,
        ("web:3", "cookie:2"): 1,
        ("web:1", "cookie:2"): 2,
        ("web:2", "cookie:2"): 2,
    }


# ------------------------------------------------------------- against a second implementation

Link = tuple[int, int]  # first and last day
Account = tuple[str | None, str | None, Mapping[str, Link | None]]

spans = st.none() | st.tuples(st.integers(0, 400), st.integers(0, 60)).map(
    lambda span: (span[0], span[0] + span[1])
)
people = st.tuples(
    st.sampled_from(DATES),
    st.sampled_from(NAMES),
    st.dictionaries(st.sampled_from(["phone:1", "phone:2", "cookie:1"]), spans, max_size=3),
)
worlds = st.lists(people, min_size=1, max_size=10)
windows = st.sampled_from([(None, 60), (120, 60), (90, None), (None, None)])


def line(number: int, account: Account) -> str:
    birth, name, held = account
    told = [f"={birth}"] * bool(birth) + [f"~{name}"] * bool(name)
    seen = [key if span is None else f"{key}@{span[0]}-{span[1]}" for key, span in held.items()]
    return " ".join([f"crm:{number}", "member", *seen, *told])


def contradict(before: Sequence[Account], after: Sequence[Account]) -> bool:
    births, names = (
        [{account[what] for account in side} - {None} for side in (before, after)]
        for what in (0, 1)
    )
    if births[0] & births[1]:
        return False
    near = {"1990-04-07", "1990-04-08"}
    if all(births) and not (births[0] & near and births[1] & near):
        return True
    return all(names) and not names[0] & names[1]


def by_hand(
    world: Sequence[Account], key: str, *, window: int | None, gap: int | None
) -> dict[int, int]:
    """Return the epoch of each account that has an identifier."""
    held = {n: account[2][key] for n, account in enumerate(world) if key in account[2]}
    order = sorted(held, key=lambda n: ((held[n] or (NEVER, 0))[0], n))
    pauses = []
    latest = 0
    for place, n in enumerate(order):
        span = held[n]
        pauses.append(span[0] - latest if span and place else 0)
        latest = max(latest, span[1]) if span and place else (span or (0, 0))[1]
    found, turn = dict[int, int](), list[int]()
    epoch = 1
    for place, n in enumerate(order):
        if turn and window is not None and pauses[place] > window:
            epoch, turn = epoch + 1, []
        elif turn and gap is not None and pauses[place] > gap:
            rest = order[place:]
            ends = [
                p - place
                for p in range(place + 1, len(order))
                if pauses[p] > min(gap, window or gap)
            ]
            after = [world[m] for m in rest[: ends[0] if ends else len(rest)]]
            if contradict([world[m] for m in turn], after):
                epoch, turn = epoch + 1, []
        turn.append(n)
        found[n] = epoch
    return found


@unhurried
@given(worlds, windows)
def test_epochs_are_those_counted_by_hand(
    world: list[Account], limits: tuple[int | None, int | None]
) -> None:
    window, gap = limits
    policy = limited(window_days=window, gap_days=gap)

    found = epochs_of(*(line(n, account) for n, account in enumerate(world)), policy=policy)

    expected = {
        (f"crm:{n}", key): epoch
        for key, (w, g) in {"phone:1": limits, "phone:2": limits, "cookie:1": (90, None)}.items()
        for n, epoch in by_hand(world, key, window=w, gap=g).items()
    }
    assert found == expected
