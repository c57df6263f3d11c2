"""How do the alerts about the exporter itself behave?"""

from tests.prometheus.scenario import Scenario, Series, series

ONE = {"job": "any", "instance": "one:10450"}
TWO = {"job": "any", "instance": "two:10450"}
BUILD = series("serverfleet_build_info", ONE, version="1.0.0")
OTHER_BUILD = series("serverfleet_build_info", TWO, version="1.0.0")
LAG = "serverfleet_event_loop_lag_seconds_bucket"
SERIES = series("serverfleet_exposition_series", ONE)
FAILED_WRITES = series("serverfleet_ledger_errors_total", ONE, reason="write")
LAST_WRITE = series("serverfleet_ledger_last_write_timestamp_seconds", ONE, source="emea")
DAMAGED = series("serverfleet_ledger_errors_total", ONE, reason="damaged")
EXPORTER = {"severity": "warning", "scope": "exporter"}
OF_ONE = {**EXPORTER, "instance": "one:10450"}
MISMATCH = {"severity": "critical", "scope": "exporter", "job": "any"}


def _shard(instance: str, index: int, total: int, job: str = "any") -> Series:
    where = {"job": job, "instance": instance}
    return {
        series("serverfleet_shard_ordinal", where, shard_ordinal=str(index)): index,
        series("serverfleet_total_shards", where): total,
    }


def _reload_failed(gauge: str, context: Series, quiet_when: str) -> Scenario:
    return Scenario(
        alert="ServerfleetConfigReloadFailed",
        context=context,
        bad={series(gauge, ONE): 0},
        good={series(gauge, ONE): 1},
        after=10,
        keeps=0,
        quiet={series(gauge, ONE): None},
        quiet_when=quiet_when,
        twin=False,
        labels=OF_ONE,
        summary="one:10450: the configuration could not be reloaded",
        description=(
            "The exporter at one:10450 has refused its configuration file, or that of "
            "--web.config.file, and goes on with the previous one. It would not start with this "
            "file."
        ),
    )


SCENARIOS = [
    Scenario(
        alert="ServerfleetExporterDown",
        context={series("up", ONE): 0},
        bad={},
        good={BUILD: 1},
        after=5,
        keeps=0,
        quiet={OTHER_BUILD: 1},
        quiet_when="another exporter answers",
        twin=False,
        labels={"severity": "critical", "scope": "exporter"},
        summary="No serverfleet-exporter answers",
        description=(
            "Prometheus gets no metrics of any serverfleet-exporter. No server is watched, and "
            "every other alert about servers is silent."
        ),
    ),
    Scenario(
        alert="ServerfleetExporterTargetDown",
        context={OTHER_BUILD: 1, series("up", TWO): 1, series("up", job="other", instance="x"): 0},
        begins=10,
        past={series("up", ONE): 1, BUILD: 1},
        bad={series("up", ONE): 0},
        good={series("up", ONE): 1, BUILD: 1},
        after=5,
        keeps=0,
        quiet_past={series("up", ONE): 1},
        quiet_when="it never was a serverfleet-exporter",
        twin=False,
        labels=OF_ONE,
        summary="one:10450: a serverfleet-exporter does not answer",
        description=(
            "The exporter at one:10450 does not answer Prometheus, while another one does. "
            "Sources that only this one polls are reported as down."
        ),
    ),
    Scenario(
        alert="ServerfleetExporterRestarting",
        context={BUILD: 1},
        bad={series("process_start_time_seconds", ONE): (0, 60)},
        good={series("process_start_time_seconds", ONE): 60},
        after=20,
        keeps=60,
        quiet={BUILD: None},
        quiet_when="it is another program that restarts",
        twin=False,
        labels=OF_ONE,
        summary="one:10450: the exporter keeps restarting",
        description=(
            "The exporter at one:10450 has restarted 4 times within an hour. Each start reads "
            "the whole fleet anew."
        ),
    ),
    _reload_failed("serverfleet_config_last_reload_successful", {}, "the exporter is down"),
    _reload_failed(
        "serverfleet_web_config_last_reload_successful",
        {series("serverfleet_config_last_reload_successful", ONE): 1},
        "there is no web configuration",
    ),
    Scenario(
        alert="ServerfleetSeriesDropped",
        bad={series("serverfleet_series_dropped_total", ONE, reason="duplicate"): (0, 1)},
        good={series("serverfleet_series_dropped_total", ONE, reason="duplicate"): (0, 0)},
        after=15,
        keeps=15,
        quiet={series("serverfleet_series_dropped_total", ONE, reason="duplicate"): 500},
        quiet_when="all that was dropped was dropped before",
        twin=False,
        labels={**OF_ONE, "reason": "duplicate"},
        summary="one:10450: servers are left out (duplicate)",
        description=(
            "Servers that the exporter at one:10450 left out within 15 minutes, counted at each "
            "poll: 3. Reason: duplicate. They are not watched."
        ),
    ),
    Scenario(
        alert="ServerfleetShardsMismatch",
        context={**_shard("a", 0, 3), **_shard("b", 1, 3)},
        bad={},
        good=_shard("c", 2, 3),
        after=15,
        keeps=0,
        quiet={
            **_shard("a", 0, 1),
            **dict.fromkeys(_shard("b", 1, 3)),
            **_shard("b", 0, 1),
        },
        quiet_when="exporters do not share servers",
        twin=False,
        labels={**MISMATCH, "mismatch": "missing"},
        summary="any: the shards of the exporter do not fit together (missing)",
        description=(
            "Shards of the job any that no exporter serves: 1. Their servers are not watched."
        ),
    ),
    Scenario(
        alert="ServerfleetShardsMismatch",
        context={**_shard("a", 0, 2), **_shard("b", 1, 2)},
        bad=_shard("c", 2, 3),
        good={},
        after=15,
        keeps=0,
        quiet={**dict.fromkeys(_shard("c", 2, 3)), **_shard("c", 0, 1, job="other")},
        quiet_when="another deployment is another job",
        twin=False,
        labels={**MISMATCH, "mismatch": "total"},
        summary="any: the shards of the exporter do not fit together (total)",
        description=(
            "Exporters of the job any differ in --shard.total: some servers are served twice, "
            "others by none."
        ),
    ),
    Scenario(
        alert="ServerfleetShardsMismatch",
        context={**_shard("a", 0, 2), **_shard("b", 1, 2)},
        bad=_shard("c", 1, 2),
        good={},
        after=15,
        keeps=0,
        quiet=_shard("d", 0, 2),
        quiet_when="there is a pair of each shard",
        twin=False,
        labels={**MISMATCH, "mismatch": "doubled"},
        summary="any: the shards of the exporter do not fit together (doubled)",
        description=(
            "A shard of the job any is served by more exporters than another: one has the wrong "
            "--shard.index, or of a pair one is gone."
        ),
    ),
    Scenario(
        alert="ServerfleetEventLoopSlow",
        bad={
            series(LAG, ONE, le="0.5"): (0, 0),
            series(LAG, ONE, le="1.0"): (0, 60),
            series(LAG, ONE, le="+Inf"): (0, 60),
        },
        good={
            series(LAG, ONE, le="0.5"): (0, 60),
            series(LAG, ONE, le="1.0"): (0, 60),
            series(LAG, ONE, le="+Inf"): (0, 60),
        },
        after=20,
        keeps=10,
        quiet={
            series(LAG, ONE, le="0.5"): 7,
            series(LAG, ONE, le="1.0"): 9,
            series(LAG, ONE, le="+Inf"): 9,
        },
        quiet_when="nothing is measured",
        twin=False,
        labels=OF_ONE,
        summary="one:10450: the exporter is slow to react",
        description=(
            "The event loop of the exporter at one:10450 wakes up to 995ms late (99th "
            "percentile). Scrapes and polls wait that long."
        ),
    ),
    Scenario(
        alert="ServerfleetSeriesGrowth",
        begins=1440,
        past={SERIES: 40000},
        bad={SERIES: 70000},
        good={SERIES: 55000},
        after=60,
        keeps=0,
        step=60,
        quiet={SERIES: 7000},
        quiet_past={SERIES: 4000},
        quiet_when="a small fleet has grown",
        twin=False,
        labels=OF_ONE,
        summary="one:10450: far more series than yesterday",
        description=(
            "The exporter at one:10450 serves 70k series, far more than at this time yesterday. "
            "Prometheus' memory grows with them."
        ),
    ),
    Scenario(
        alert="ServerfleetStateFileNotWritten",
        step=60,
        bad={FAILED_WRITES: (0, 1), LAST_WRITE: 0},
        good={FAILED_WRITES: (0, 1), LAST_WRITE: (0, 3600)},
        healed={FAILED_WRITES: 6, LAST_WRITE: 6 * 3600},
        after=180,
        keeps=0,
        quiet={FAILED_WRITES: 0},
        quiet_when="there is nothing to write, as no source answers",
        twin=False,
        labels=OF_ONE,
        summary="one:10450: the state file cannot be written",
        description=(
            "The exporter at one:10450 could not write its state file for hours. The energy "
            "counters of its servers stand still; they catch up as soon as it can."
        ),
    ),
    # On a disk that was full before the exporter started, nothing has ever been written.
    Scenario(
        alert="ServerfleetStateFileNotWritten",
        step=60,
        bad={FAILED_WRITES: (0, 1)},
        good={FAILED_WRITES: 0},
        healed={FAILED_WRITES: 6, LAST_WRITE: 6 * 3600},
        after=120,
        keeps=0,
        quiet={FAILED_WRITES: None},
        quiet_past={FAILED_WRITES: (0, 1)},
        quiet_when="the exporter is down",
        twin=False,
        labels=OF_ONE,
        summary="one:10450: the state file cannot be written",
        description=(
            "The exporter at one:10450 could not write its state file for hours. The energy "
            "counters of its servers stand still; they catch up as soon as it can."
        ),
    ),
    Scenario(
        alert="ServerfleetStateFileDamaged",
        step=60,
        bad={DAMAGED: 1},
        good={DAMAGED: 0},
        healed={DAMAGED: 1},
        after=60,
        keeps=120,
        quiet={DAMAGED: 0, FAILED_WRITES: (0, 1)},
        quiet_when="the disk is only full",
        twin=False,
        labels=OF_ONE,
        summary="one:10450: the state file was damaged, a new one is begun",
        description=(
            "The exporter at one:10450 has put a damaged state file aside within six hours. The "
            "energy counters of its servers began at zero; hours that had not been read are "
            "missing."
        ),
    ),
    # While it is used, and not found at the start.
    Scenario(
        alert="ServerfleetStateFileDamaged",
        step=60,
        begins=480,
        past={DAMAGED: 0},
        bad={DAMAGED: 1},
        good={DAMAGED: 0},
        healed={DAMAGED: 1},
        after=60,
        keeps=300,
        quiet={},
        quiet_past={DAMAGED: 1},
        quiet_when="that was long ago",
        twin=False,
        labels=OF_ONE,
        summary="one:10450: the state file was damaged, a new one is begun",
        description=(
            "The exporter at one:10450 has put a damaged state file aside within six hours. The "
            "energy counters of its servers began at zero; hours that had not been read are "
            "missing."
        ),
    ),
]

WITHOUT_THRESHOLDS = [
    Scenario(
        alert="ServerfleetThresholdsMissing",
        context={BUILD: 1},
        bad={},
        good={"serverfleet:threshold:temperature_high_celsius": 35},
        after=10,
        keeps=0,
        quiet={"serverfleet:threshold:temperature_high_celsius": 50},
        quiet_when="a threshold has only been changed",
        twin=False,
        labels=EXPORTER,
        summary="The thresholds of the serverfleet alerts are not loaded",
        description=(
            "Prometheus does not evaluate prometheus/rules/thresholds.yml. Alerts that compare "
            "with a threshold cannot fire."
        ),
    ),
]
