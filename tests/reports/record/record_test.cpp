#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "reports/record/json.hpp"
#include "reports/record/operation_line.hpp"
#include "reports/record/run_record.hpp"

namespace blackout::record {
namespace {

namespace fs = std::filesystem;

class Record : public testing::Test {
 protected:
  Record() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    root_ = fs::path(testing::TempDir()) / (std::string("blackout-record-") + info->name());
    fs::remove_all(root_);
    fs::create_directories(root_);
  }
  ~Record() override { fs::remove_all(root_); }

  // Of these samples every member differs from its default.
  static PlanFacts sample_plan() {
    PlanFacts plan;
    plan.scenario = "sample";
    plan.summary = "A \"sample\".";
    plan.seed = 0xFFFF'FFFF'FFFF'FFFF;
    plan.regions = {{"eu-de"}, {"eu-gb"}};
    plan.nodes = {{"eu-de-1", RegionId(0), 3, false}, {"clients-eu-gb", RegionId(1), 0, true}};
    plan.shards = {{"orders", "eu/", {NodeId(0)}}};
    plan.groups = {{"orders-eu", ShardId(0), {RegionId(1)}, 24, seconds(2)}};
    plan.faults = {
        {"A", "region_down", "eu-de", "power_loss, 45 s", Instant(20), seconds(45), "why"}};
    plan.timeline = {seconds(1), seconds(2), seconds(3)};
    plan.clock_offset_max = milliseconds(20);
    plan.clock_drift_max_ppm = 50;
    plan.objectives.rpo_max = milliseconds(1);
    plan.objectives.rto = RtoObjective{seconds(12), 0, 990'000, seconds(1), seconds(2)};
    plan.objectives.availability = {{900'000, 0, Phase::chaos}};
    plan.objectives.latency = {{OperationKind::transfer, 999, milliseconds(250), Phase::run}};
    plan.objectives.lag = LagObjective{seconds(3), Phase::calm};
    plan.objectives.residency = {{"eu/", {RegionId(1)}}};
    plan.expect = {true, {"rpo"}, {"client.retried"}};
    return plan;
  }

  static Verdict sample_verdict() {
    Verdict verdict;
    verdict.conclusion = Conclusion::violated;
    verdict.sentence = "10 of 26,544 acknowledged writes are gone.";
    verdict.objectives = {{"rto", "orders-eu", Held::no, "≤ 12 s", "14.3 s", "-2.3 s", "after A",
                           12'000'000'000, 14'300'000'000, "ns"}};
    verdict.invariants = {{"raft.election_safety", Held::yes, 7}};
    verdict.marks = {{"client.retried", 3, true}};
    verdict.findings = {{"rpo",
                         "rule",
                         "sentence",
                         Instant(4),
                         EventId(2),
                         {{Instant(3), "A", "what", EventId(1)}}}};
    verdict.expectation_met = false;
    verdict.rto_phases = {{seconds(1), seconds(2), seconds(3), seconds(4), seconds(5), seconds(6)}};
    verdict.acknowledged = 1;
    verdict.lost = 2;
    verdict.duplicated = 3;
    verdict.phantom = 4;
    verdict.rpo_time = milliseconds(38);
    verdict.rpo_tail = seconds(5);
    verdict.exposure_max = seconds(6);
    verdict.rto = seconds(7);
    verdict.downtime = seconds(8);
    verdict.owed = 9;
    verdict.owed_ok = 10;
    verdict.impact_operations = 11;
    verdict.impact_clients = 12;
    return verdict;
  }

  static RunRecord sample() {
    RunRecord run;
    run.plan_document = "{\"name\": \"sample\"}";
    run.overrides = {"groups.0.acknowledge=leader"};
    run.build = {"4f1c9a2+", "gcc 12.2.0", "Release"};
    run.simulated = Instant(123);
    run.kernel_events = 99;
    run.failure = CodeFailure{"check", "eu-de-1", "raft", "raft.cpp:1: a < b", Instant(5)};
    run.plan = sample_plan();
    run.trace.append({Instant(1), {}, EventKind::node_started, NodeId(0), no_shard, 1, 0, 0});
    run.trace.append(
        {Instant(7), EventId(1), EventKind::vote_cast, NodeId(0), ShardId(0), 1, 2, 3});
    Operation operation;
    operation.id = OperationId(1);
    operation.kind = OperationKind::transfer;
    operation.client = 4;
    operation.region = RegionId(1);
    operation.probe = true;
    operation.key = "eu/\x01</script>\"\\";
    operation.other_key = "eu/2";
    operation.amount = -7;
    operation.expected_version = 8;
    operation.invoked = Instant(9);
    operation.deadline = Instant(10);
    operation.completed = Instant::never();
    operation.outcome = Outcome::fail;
    operation.applied = true;
    operation.duplicate = true;
    operation.version = 11;
    operation.balance = -12;
    operation.last_operation = OperationId(1);
    operation.attempts = 13;
    run.history.operations = {operation};
    run.history.audits = {
        {RegionId(1), ShardId(0), true, {{"eu/1", -5, {OperationId(1), OperationId(2)}}}}};
    run.faults = {{"A",
                   "disk_slow",
                   "eu-de-1",
                   {NodeId(0)},
                   2,
                   Instant(3),
                   Instant(8),
                   FaultEnd::healed,
                   0,
                   "operations slowed",
                   ""}};
    run.verdict = sample_verdict();
    return run;
  }

  // All of a record as text; the trace by its events.
  static std::string text_of(const RunRecord& run) {
    Json json =
        Json::array({run.plan_document, run.overrides, to_json(run.build), run.simulated.ns(),
                     run.kernel_events, to_json(run.plan), to_json(run.verdict),
                     trace::format_hash(run.trace.hash()), run.trace.size()});
    if (run.failure) json.push_back(to_json(*run.failure));
    for (const Operation& operation : run.history.operations) json.push_back(to_json(operation));
    for (const Audit& audit : run.history.audits) json.push_back(to_json(audit));
    for (const FaultOutcome& outcome : run.faults) json.push_back(to_json(outcome));
    return json.dump();
  }

  [[nodiscard]] std::string at(const std::string& name) const { return (root_ / name).string(); }

  static std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return std::move(text).str();
  }
  static void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  }

  fs::path root_;
};

TEST_F(Record, ComesBackAsItWasSaved) {
  const RunRecord run = sample();
  ASSERT_TRUE(save(run, at("deep/er/run")).ok());
  const auto loaded = load(at("deep/er/run"));
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(text_of(loaded.value()), text_of(run));
  EXPECT_EQ(trace::first_difference(loaded.value().trace, run.trace), EventId(0));
}

TEST_F(Record, ComesBackWithoutFailureOrOptionalObjectives) {
  RunRecord run;
  run.plan.scenario = "empty";
  ASSERT_TRUE(save(run, at("run")).ok());
  const auto loaded = load(at("run"));
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(text_of(loaded.value()), text_of(run));
}

TEST_F(Record, IsWrittenEvenIfTheCodeUnderTestSpeaksNoUtf8) {
  RunRecord run = sample();
  run.failure->text = "\xff\xfe";
  ASSERT_TRUE(save(run, at("run")).ok());
  EXPECT_TRUE(load(at("run")).ok());
}

TEST_F(Record, ReplacesAnOlderOneAndLeavesNothingBeside) {
  RunRecord run = sample();
  ASSERT_TRUE(save(run, at("run")).ok());
  write(root_ / "run" / "report.html", "of the older record");
  run.plan.seed = 5;
  ASSERT_TRUE(save(run, at("run/")).ok());
  EXPECT_EQ(load(at("run")).value().plan.seed, 5U);
  EXPECT_FALSE(fs::exists(root_ / "run" / "report.html"));
  EXPECT_EQ(std::distance(fs::directory_iterator(root_), fs::directory_iterator()), 1);
}

TEST_F(Record, SaysWhyItCannotBeWritten) {
  write(root_ / "file", "");
  const auto saved = save(sample(), at("file/run"));
  ASSERT_FALSE(saved.ok());
  EXPECT_NE(saved.error().find("cannot write"), std::string::npos);
}

TEST_F(Record, ThatIsMissingIsNotFound) {
  EXPECT_EQ(load(at("none")).error(), LoadError::not_found);
}

TEST_F(Record, WithoutATraceOrHistoryIsDamaged) {
  for (const char* name : {"trace.bin", "history.jsonl"}) {
    ASSERT_TRUE(save(sample(), at("run")).ok());
    fs::remove(root_ / "run" / name);
    EXPECT_EQ(load(at("run")).error(), LoadError::damaged) << name;
  }
}

TEST_F(Record, OfAnotherVersionIsRefused) {
  ASSERT_TRUE(save(sample(), at("run")).ok());
  std::string text = read(root_ / "run" / "record.json");
  const std::size_t found = text.find("\"version\": 4");
  ASSERT_NE(found, std::string::npos);
  write(root_ / "run" / "record.json", text.replace(found, 12, "\"version\": 9"));
  EXPECT_EQ(load(at("run")).error(), LoadError::version);
}

// No damage may crash; every cut is seen. Steps keep the number of files written small.
TEST_F(Record, ThatIsCutShortAnywhereIsDamaged) {
  ASSERT_TRUE(save(sample(), at("run")).ok());
  for (const char* name : {"record.json", "trace.bin", "history.jsonl"}) {
    const fs::path path = root_ / "run" / name;
    const std::string whole = read(path);
    for (std::size_t size = 0; size + 1 < whole.size(); size += 37) {
      write(path, whole.substr(0, size));
      EXPECT_FALSE(load(at("run")).ok()) << name << " " << size;
    }
    write(path, whole);
  }
  EXPECT_TRUE(load(at("run")).ok());
}

TEST_F(Record, SurvivesAnyChangedByte) {
  ASSERT_TRUE(save(sample(), at("run")).ok());
  for (const char* name : {"record.json", "trace.bin", "history.jsonl"}) {
    const fs::path path = root_ / "run" / name;
    const std::string whole = read(path);
    for (std::size_t i = 0; i < whole.size(); i += 23) {
      std::string changed = whole;
      changed[i] = i % 2 == 0 ? '9' : '\xff';
      write(path, changed);
      const auto loaded = load(at("run"));  // a changed digit may well be another record
      if (std::string_view(name) == "trace.bin" && changed != whole) {
        EXPECT_FALSE(loaded.ok()) << i;
      }
    }
    write(path, whole);
  }
}

TEST_F(Record, WhoseIdsNameNothingIsDamaged) {
  const auto refused = [this](auto change) {
    RunRecord run = sample();
    change(run);
    EXPECT_TRUE(save(run, at("run")).ok());
    return !load(at("run")).ok();
  };
  EXPECT_TRUE(refused([](RunRecord& run) { run.plan.shards[0].voters = {NodeId(2)}; }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.plan.nodes[0].region = RegionId(2); }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.plan.groups[0].shard = ShardId(1); }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.plan.objectives.rto->group = 1; }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.history.operations[0].shard = ShardId(1); }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.history.operations[0].id = OperationId(2); }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.history.audits[0].region = RegionId(9); }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.faults[0].nodes = {NodeId(2)}; }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.faults.push_back(run.faults[0]); }));
  EXPECT_TRUE(refused([](RunRecord& run) { run.verdict.conclusion = static_cast<Conclusion>(3); }));
}

TEST_F(Record, WritesAnOperationAsTheJsonLibraryWould) {
  Operation operation = sample().history.operations[0];
  std::string line;
  append_line(operation, line);
  EXPECT_EQ(line, to_json(operation).dump() + "\n");
  EXPECT_FALSE(
      read_line(std::string_view(line).substr(0, line.size() - 1)).has_value());  // escapes
  operation.key = "eu/1";
  line.clear();
  append_line(operation, line);
  EXPECT_EQ(line, to_json(operation).dump() + "\n");
  line.pop_back();
  const auto read = read_line(line);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(to_json(*read).dump(), line);
  for (std::size_t size = 0; size < line.size(); ++size) {
    EXPECT_FALSE(read_line(std::string_view(line).substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(read_line(line + " ").has_value());
}

TEST_F(Record, SpeaksToMachines) {
  const RunRecord run = sample();
  const Json json = Json::parse(verdict_json(run, "blackout-out/sample/0x07/"));
  EXPECT_EQ(json.at("version"), "verdict.v1");
  EXPECT_EQ(json.at("scenario"), "sample");
  EXPECT_EQ(json.at("seed"), "0xffffffffffffffff");
  EXPECT_EQ(json.at("outcome"), "violated");
  EXPECT_EQ(json.at("trace_hash"), trace::format_hash(run.trace.hash()));
  EXPECT_EQ(json.at("objectives")[0].at("promised"), "≤ 12 s");
  EXPECT_EQ(json.at("objectives")[0].at("promised_ns"), 12'000'000'000);
  EXPECT_EQ(json.at("objectives")[0].at("held"), "no");
  EXPECT_EQ(json.at("figures").at("rpo_time"), "38 ms");
  EXPECT_EQ(json.at("figures").at("rpo_time_ns"), 38'000'000);
  EXPECT_EQ(json.at("findings")[0].at("story")[0].at("who"), "A");
  EXPECT_EQ(json.at("marks")[0].at("name"), "client.retried");
  const Json& fault = json.at("faults")[0];
  EXPECT_EQ(fault.at("letter"), "A");
  EXPECT_EQ(fault.at("nodes"), Json::array({"eu-de-1"}));
  EXPECT_EQ(fault.at("began_ns"), 3);
  EXPECT_EQ(fault.at("ended_ns"), 8);
  EXPECT_EQ(fault.at("end"), "healed");
  EXPECT_EQ(fault.at("effect"), 0);
  EXPECT_EQ(fault.at("unit"), "operations slowed");
  EXPECT_EQ(fault.at("no_effect"), true);
  EXPECT_EQ(json.at("paths").at("trace"), "blackout-out/sample/0x07/trace.bin");
}

}  // namespace
}  // namespace blackout::record
