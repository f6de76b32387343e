// A campaign of the program itself: killed at any time, it loses and repeats nothing.
#include <fstream>
#include <set>

#include "tests/golden/program.hpp"

namespace blackout {
namespace {

constexpr const char* fuzz =
    "blackout fuzz files/small.json --runs 60 --seed 1 --jobs 2 --resume --progress none ";

TEST(Fuzz, KilledAtTwentyInstantsLosesNoFinishedRunAndCountsNoneTwice) {
  const Folder folder;
  const fs::path journal =
      folder.path() / "blackout-out" / "small" / "fuzz-0x0000000000000001-mixed.jsonl";
  const auto runs = [&] {
    std::ifstream in(journal);
    std::multiset<std::string> found;
    for (std::string line; std::getline(in, line);) {
      const std::size_t comma = line.find(',');
      if (line.starts_with("{\"run\":") && line.ends_with("}")) found.insert(line.substr(0, comma));
    }
    return found;
  };
  std::multiset<std::string> before;
  for (int i = 1; i <= 20; ++i) {
    const std::string after = "0.0" + std::to_string(10 + (i * 37) % 80);
    shell(folder.path(), "timeout -s KILL " + after + " " + fuzz);
    const auto now = runs();
    for (const std::string& run : before) EXPECT_EQ(now.count(run), 1u) << run;
    before = now;
  }
  const Printed whole = shell(folder.path(), fuzz);
  EXPECT_EQ(whole.code, 0) << whole.text;
  EXPECT_NE(whole.text.find("NOTHING FOUND in 60 runs"), std::string::npos) << whole.text;
  const auto all = runs();
  EXPECT_EQ(all.size(), 60u);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 60u);
}

TEST(Fuzz, RefusesTheJournalOfAnotherCampaign) {
  const Folder folder;
  const std::string run = "blackout fuzz files/small.json --runs 1 --seed 2 --progress none ";
  EXPECT_EQ(shell(folder.path(), run).code, 0);
  const Printed other = shell(folder.path(), run + "--resume --set workload.0.clients=3");
  EXPECT_EQ(other.code, 2) << other.text;
  EXPECT_NE(other.text.find("of another campaign"), std::string::npos) << other.text;
}

std::size_t count(const std::string& text, const std::string& words) {
  std::size_t found = 0;
  for (std::size_t i = text.find(words); i != std::string::npos; i = text.find(words, i + 1)) {
    ++found;
  }
  return found;
}

// What follows `name` in the last line of a text, without quotes.
std::string field(const std::string& text, const std::string& name) {
  const std::size_t from = text.rfind("\"" + name + "\":") + name.size() + 3;
  std::string value = text.substr(from, text.find_first_of(",}", from) - from);
  std::erase_if(value, [](char c) { return c == '"' || c == ' '; });
  return value;
}

TEST(Fuzz, ARunOfTheJournalCanBeHadAgainFromItsSeedAndStrategy) {
  const Folder folder;
  const std::string scenario = " scenarios/node/fuzz-nodes.json --set timeline.chaos=10s ";
  for (const std::string wanted : {"as_written", "targeted"}) {
    const std::string runs = wanted == "targeted" ? " --strategy targeted" : "";
    const Printed fuzzed =
        shell(folder.path(), "blackout fuzz" + scenario + "--runs 1 --seed 5 --progress none" +
                                 runs + " >fuzz.txt; cat blackout-out/fuzz-nodes/*-" +
                                 (runs.empty() ? "mixed" : "targeted") + ".jsonl");
    const std::string seed = field(fuzzed.text, "seed");
    EXPECT_EQ(field(fuzzed.text, "strategy"), wanted) << fuzzed.text;
    const Printed again = shell(
        folder.path(), "blackout scenario draw" + scenario + "--seed " + seed + " --strategy " +
                           wanted + " >plan.json; blackout run --plan plan.json --format jsonl");
    EXPECT_EQ(field(again.text, "trace_hash"), field(fuzzed.text, "trace_hash")) << again.text;
  }
}

TEST(Fuzz, TheJobSummaryIsAddedToAndTheMarkdownFileReplaced) {
  const Folder folder;
  shell(folder.path(), "echo '## Before' >job.md; echo old >fuzz.md");
  const std::string fuzz_twice =
      "for i in 1 2; do GITHUB_STEP_SUMMARY=job.md blackout fuzz files/small.json --runs 1 "
      "--seed 1 --progress none --md fuzz.md; done";
  const Printed run = shell(folder.path(), fuzz_twice);
  EXPECT_EQ(run.code, 0) << run.text;
  const std::string job = shell(folder.path(), "cat job.md").text;
  EXPECT_TRUE(job.starts_with("## Before\n## blackout fuzz: NOTHING FOUND in 1 run (")) << job;
  EXPECT_EQ(count(job, "## blackout fuzz: "), 2u) << job;
  const std::string file = shell(folder.path(), "cat fuzz.md").text;
  EXPECT_EQ(count(file, "## blackout fuzz: "), 1u) << file;
  EXPECT_EQ(count(file, "old"), 0u) << file;
  EXPECT_EQ(count(file, "- with 95 % confidence"), 1u) << file;
}

TEST(Fuzz, AFileThatCannotBeWrittenIsAnError) {
  const Folder folder;
  const std::string fuzz_to = "blackout fuzz files/small.json --runs 1 --seed 1 --progress none ";
  for (const std::string flags : {"--md no/x.md", "--junit no/x.xml"}) {
    const Printed run = shell(folder.path(), fuzz_to + flags);
    EXPECT_EQ(run.code, 2) << run.text;
    EXPECT_NE(run.text.find("blackout: no/x."), std::string::npos) << run.text;
  }
  EXPECT_EQ(shell(folder.path(), "export GITHUB_STEP_SUMMARY=no/x; " + fuzz_to).code, 2);
}

#ifdef BLACKOUT_PLANTED_BUGS
TEST(Fuzz, TheMarkdownHasEachFindingWithItsSeedAndACommandThatReplaysIt) {
  const Folder folder;
  const Printed found = shell(folder.path(),
                              "blackout fuzz files/small.json --runs 2 --seed 1 --progress none"
                              " --md fuzz.md --set 'planted=[\"crash\"]'");
  EXPECT_EQ(found.code, 1) << found.text;
  const std::string text = shell(folder.path(), "cat fuzz.md").text;
  EXPECT_EQ(count(text, "## blackout fuzz: FOUND  1 problem in 2 runs ("), 1u) << text;
  EXPECT_EQ(count(text, "\n### crash.signal"), 1u) << text;
  EXPECT_EQ(count(text, "2 runs, first seed `0x"), 1u) << text;
  const std::size_t from = text.find("blackout replay ");
  ASSERT_NE(from, std::string::npos) << text;
  const Printed again = shell(folder.path(), text.substr(from, text.find('\n', from) - from));
  EXPECT_EQ(again.code, 0) << again.text;
  EXPECT_EQ(count(again.text, "SAME"), 1u) << again.text;
}

TEST(Fuzz, InterruptedPrintsWhatIsKnownAndLeavesWholeRecordsOnly) {
  for (const char* signal : {"INT", "TERM"}) {
    const Folder folder;
    const Printed run =
        shell(folder.path(), std::string("timeout -s ") + signal +
                                 " 0.7 blackout fuzz files/small.json --runs 100000 --jobs 2"
                                 " --set 'planted=[\"crash\"]' --progress none");
    EXPECT_NE(run.text.find(", interrupted"), std::string::npos) << run.text;
    EXPECT_NE(run.text.find("crash.signal"), std::string::npos) << run.text;
    for (const auto& entry : fs::directory_iterator(folder.path() / "blackout-out" / "small")) {
      if (entry.path().extension() == ".jsonl") continue;
      std::set<std::string> files;
      for (const auto& file : fs::directory_iterator(entry)) files.insert(file.path().filename());
      EXPECT_EQ(files, (std::set<std::string>{"history.jsonl", "record.json", "trace.bin"}))
          << entry.path();
    }
  }
}

TEST(Fuzz, ACrashOrAStormOfAllocationsIsAFindingAndTheCampaignGoesOn) {
  for (const char* bug : {"crash", "hoard"}) {
    const Folder folder;
    const Printed found = shell(folder.path(), std::string("blackout fuzz files/small.json --runs 2"
                                                           " --seed 1 --progress none"
                                                           " --junit junit.xml --github"
                                                           " --set 'planted=[\"") +
                                                   bug + "\"]'");
    EXPECT_EQ(found.code, 1) << found.text;
    EXPECT_NE(found.text.find("FOUND  1 problem in 2 runs"), std::string::npos) << found.text;
    EXPECT_NE(found.text.find("::error file=files/small.json"), std::string::npos) << found.text;
    const std::string junit = shell(folder.path(), "cat junit.xml").text;
    EXPECT_NE(junit.find("<failure>2 runs, first seed 0x"), std::string::npos) << junit;
    const Printed shrunk = shell(folder.path(), "blackout replay latest");
    EXPECT_EQ(shrunk.code, 0) << shrunk.text;
  }
}
#endif

}  // namespace
}  // namespace blackout
