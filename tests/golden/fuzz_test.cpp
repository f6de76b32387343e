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

#ifdef BLACKOUT_PLANTED_BUGS
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
