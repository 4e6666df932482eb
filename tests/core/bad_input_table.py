"""AUDIT.md, section 3: each bad input by its number, and the tests that show what becomes of it.

`HOSTILE` stands for the bodies of `tests/core/hostile.py` with that number: each is thrown at the
HTTP door and at the topic (tests/core/test_intake_hostile.py), and by `make audit` at a whole
installation.
"""

HOSTILE = "hostile"
CORE = "tests/core"
_HTTP, _ODD = f"{CORE}/test_intake_http.py", f"{CORE}/test_intake_hostile.py"
_ENTRANCE, _EDGES = f"{CORE}/test_intake_entrance.py", f"{CORE}/test_intake_edges.py"
_DECODE = f"{CORE}/test_intake_decode.py::test_a_bad_record_is_refused_and_its_source_told"
_WORDS = f"{_ODD}::test_hostile_words_are_registered_as_they_are"
_SOCKETS = "tests/stage/test_intake_door.py::test_the_door_outlives_hostile_connections"
_SLOW = "tests/stage/test_intake_door.py::test_a_slow_body_is_turned_away"
_KEYS = f"{_ODD}::test_a_key_or_header_from_outside_decides_nothing"

TESTS: dict[int, tuple[str, ...]] = {
    **dict.fromkeys((*range(1, 24), 25), (HOSTILE,)),
    24: (
        f"{CORE}/test_recovery_properties.py::test_no_order_of_events_pays_more_than_was_paid",
        f"{CORE}/test_recovery_orders.py::test_no_money_leaves_by_machine_on_a_claim",
        f"{CORE}/test_recovery_orders.py::test_an_order_of_somebody_else_pays_nothing_by_machine",
    ),
    26: (HOSTILE, f"{_EDGES}::test_an_address_that_looks_alike_is_somebody_else"),
    27: (HOSTILE,),
    28: (HOSTILE, _WORDS),
    **dict.fromkeys((29, 30, 31), (_WORDS,)),
    32: (_WORDS, f"{CORE}/test_recovery_books.py::test_a_spreadsheet_runs_nothing_of_ours"),
    33: (_WORDS, "tests/stage/test_notify_hooks.py"),
    34: (
        _WORDS,
        f"{CORE}/test_intake_kafka_forms.py::test_a_forged_source_is_heard_and_paid_nothing",
    ),
    35: (_WORDS, "tests/stage/test_intake_door.py::test_the_log_holds_no_trace_and_nobodys_words"),
    36: (
        f"{_ENTRANCE}::test_no_key_is_no_request_key",
        f"{_ENTRANCE}::test_a_request_key_binds_one_body",
        f"{_ENTRANCE}::test_a_request_key_used_by_two_at_once_binds_one",
    ),
    37: (f"{_HTTP}::test_another_content_type", _SOCKETS),
    38: (f"{_HTTP}::test_compressed_bodies_are_not_opened",),
    39: (_SLOW, _SOCKETS),
    40: (f"{_HTTP}::test_other_ways_are_closed", _SOCKETS),
    41: (
        f"{_HTTP}::test_without_a_key_nobody_gets_in",
        f"{_ENTRANCE}::test_a_key_ends_when_it_says",
        f"{_ENTRANCE}::test_a_signature_that_does_not_hold_opens_nothing",
        f"{_ENTRANCE}::test_what_became_of_a_complaint_is_told_to_its_source_alone",
    ),
    42: (
        HOSTILE,
        f"{_ODD}::test_a_file_never_brings_its_folder",
        f"{_EDGES}::test_no_byte_of_an_attached_file_travels",
    ),
    43: (_DECODE,),
    44: (_KEYS,),
    45: (_KEYS, _DECODE),
    46: (_KEYS,),
    47: (f"{_EDGES}::test_another_version_is_told_and_never_guessed",),
    48: (f"{CORE}/test_notify_order.py",),
    49: (f"{_EDGES}::test_one_event_id_with_two_contents_is_two_complaints_and_counted",),
    50: (
        f"{_EDGES}::test_what_grows_beyond_a_record_is_buried_whole",
        f"{_EDGES}::test_the_largest_record_fits_its_grave",
    ),
    51: (f"{_ODD}::test_a_stamp_out_of_this_world_ends_nothing",),
    52: ("tests/stage/test_conformance_kafka.py::test_an_upstream_with_transactions",),
    53: (f"{CORE}/test_intake_core.py::test_the_same_id_from_another_source_is_another_complaint",),
    54: (
        f"{CORE}/test_intake_stage.py::test_other_words_under_the_same_id",
        f"{CORE}/test_metrics.py::test_an_id_that_comes_with_other_words_is_counted",
        "tests/contracts/test_alerts.py::test_the_alerts_fire_when_they_should_and_only_then",
    ),
}
