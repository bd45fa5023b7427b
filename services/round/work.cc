#include "services/round/work.h"

#include <utility>

#include "services/base/errors.h"
#include "services/base/process.h"
#include "services/base/strings.h"
#include "services/matching/clear.h"
#include "services/round/archive.h"
#include "services/round/compute.h"
#include "services/round/freeze.h"
#include "services/round/lines.h"
#include "services/round/reserves.h"
#include "services/round/settling.h"
#include "services/store/run_transaction.h"

namespace zhuxiao::round {
namespace {

// Rounds that are not over: one a region at most, and few regions run their own.
constexpr size_t kMaxRoundsAtOnce = 1'000;

absl::Status MovedOn(const std::string& round_id) {
  return base::MakeError(absl::StatusCode::kAborted, base::ErrorReason::ERROR_REASON_CONFLICT,
                         base::StrCat("round ", round_id, " moved on"));
}

// True for what no later try can mend.
bool IsFinal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsOutOfRange(status) || absl::IsInternal(status);
}

// True for what keeps an order's lines from ever being settled; others go by: conflicts, overload, a lost lease.
bool IsLasting(const absl::Status& status) {
  return IsFinal(status) || absl::IsNotFound(status) || absl::IsDataLoss(status) ||
         absl::IsFailedPrecondition(status) || absl::IsAlreadyExists(status);
}

v1::RoundProgress ToProto(const matching::ClearingProgress& from) {
  v1::RoundProgress progress;
  progress.set_phase(from.phase);
  progress.set_elapsed_ms(static_cast<int64_t>(from.seconds * 1'000));
  progress.set_welfare_fen(from.welfare_fen);
  progress.set_bound_fen(from.bound_fen);
  matching::Clearing so_far;
  so_far.welfare_fen = from.welfare_fen;
  so_far.bound_fen = from.bound_fen;
  progress.set_gap_ppm(so_far.GapPpm());
  return progress;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> Work::NotOver(store::Store& store) {
  const std::string prefix = store::Key(kRoundWork, "");
  auto rows = store.Latest()->Scan(prefix, store::PrefixEnd(prefix), kMaxRoundsAtOnce);
  if (!rows.ok()) return rows.status();
  std::vector<std::string> ids;
  for (const store::KeyValue& row : *rows) ids.push_back(row.key.substr(prefix.size()));
  return ids;
}

absl::Status Work::RunEach(const std::string& action,
                           const std::function<absl::StatusOr<bool>(ledger::Operation&)>& body) {
  const absl::Time now = around_.clock.Now();
  const std::string first_id = base::NewId(now, around_.random);
  return store::RunTransaction(around_.store, [&](store::Transaction& transaction) -> absl::Status {
    if (absl::Status guarded = limits_.guard(transaction); !guarded.ok()) return guarded;
    ledger::Intent intent{.caller = {}, .action = action, .request_id = "", .now = now, .first_id = first_id};
    for (bool is_last = false; !is_last;) {
      ledger::Operation operation(transaction, intent);
      auto done = body(operation);
      if (!done.ok()) return done.status();
      is_last = *done;
      // Pieces of a large write are no decision; only what changes a round is told on the feed.
      if (operation.event().has_round()) operation.Close();
      intent.first_id = operation.NewId();
    }
    return absl::OkStatus();
  });
}

absl::Status Work::Run(const std::string& action, const std::function<absl::Status(ledger::Operation&)>& body) {
  return RunEach(action, [&](ledger::Operation& operation) -> absl::StatusOr<bool> {
    if (absl::Status done = body(operation); !done.ok()) return done;
    return true;
  });
}

absl::Status Work::Advance(const std::string& round_id) {
  while (!limits_.is_stopped()) {
    auto round = GetRound(*around_.store.Latest(), round_id);
    if (!round.ok()) return round.status();
    absl::Status worked;
    switch (round->state()) {
      case v1::ROUND_STATE_CLOSING:
        worked = Freeze(*round);
        break;
      case v1::ROUND_STATE_CLEARING:
        worked = Compute(*round);
        break;
      case v1::ROUND_STATE_SETTLING:
        worked = Settle(*round);
        break;
      default:
        if (!round->is_automatic() || !NextStepOf(round->state())) return absl::OkStatus();
        worked = TakeOwnStep(*round, *NextStepOf(round->state()));
    }
    if (IsFinal(worked) && round->state() != v1::ROUND_STATE_SETTLING) {
      worked = TakeOwnStep(*round, kFailStep, std::string(worked.message()));
    }
    if (!worked.ok()) return absl::IsAborted(worked) ? absl::OkStatus() : worked;
  }
  return absl::OkStatus();
}

absl::Status Work::TakeOwnStep(const v1::Round& round, std::string_view step, const std::string& cause) {
  return Run("AdvanceRound", [&](ledger::Operation& operation) -> absl::Status {
    auto record = GetRecord(operation.transaction(), round.round_id());
    if (!record.ok()) return record.status();
    if (record->round().state() != round.state()) return MovedOn(round.round_id());
    if (!cause.empty()) record->mutable_round()->set_cancel_cause(cause);
    return TakeStep(operation, *record, step);
  });
}

absl::StatusOr<int64_t> Work::BeginAttempt(const v1::Round& round) {
  int64_t attempt = 0;
  absl::Status begun = Run("BeginRoundWork", [&](ledger::Operation& operation) -> absl::Status {
    auto record = GetRecord(operation.transaction(), round.round_id());
    if (!record.ok()) return record.status();
    if (record->round().state() != round.state()) return MovedOn(round.round_id());
    attempt = record->attempt() + 1;
    record->set_attempt(attempt);
    PutRecord(operation.transaction(), *record);
    return absl::OkStatus();
  });
  if (!begun.ok()) return begun;
  return attempt;
}

absl::Status Work::InAttempt(const v1::Round& round, int64_t attempt, const std::string& action,
                             const std::function<absl::Status(ledger::Operation&, RoundRecord&)>& body) {
  return Run(action, [&](ledger::Operation& operation) -> absl::Status {
    auto record = GetRecord(operation.transaction(), round.round_id());
    if (!record.ok()) return record.status();
    if (record->round().state() != round.state() || record->attempt() != attempt) return MovedOn(round.round_id());
    return body(operation, *record);
  });
}

absl::Status Work::Sweep(const v1::Round& round, int64_t attempt, const std::string& prefix) {
  while (true) {
    auto rows = around_.store.Latest()->Scan(prefix, store::PrefixEnd(prefix), limits_.rows_at_once);
    if (!rows.ok()) return rows.status();
    if (rows->empty()) return absl::OkStatus();
    absl::Status swept = InAttempt(round, attempt, "SweepRound", [&](ledger::Operation& operation, RoundRecord&) {
      for (const store::KeyValue& row : *rows) operation.transaction().Delete(row.key);
      return absl::OkStatus();
    });
    if (!swept.ok()) return swept;
  }
}

absl::Status Work::Freeze(const v1::Round& round) {
  auto attempt = BeginAttempt(round);
  if (!attempt.ok()) return attempt.status();
  absl::Status swept = Sweep(round, *attempt, PartPrefix(round.round_id(), ArchivePart::kInput));
  if (!swept.ok()) return swept;
  const absl::Time now = around_.clock.Now();
  auto frozen = round::Freeze(around_.store.Latest(), around_.market, round.region_code(), now);
  if (!frozen.ok()) return frozen.status();
  const round_files::RoundInput& input = frozen->input;
  if (absl::Status valid = matching::ValidateRound(input.book, input.policy); !valid.ok()) return valid;
  absl::Status kept =
      KeepFiles(round, *attempt, ArchivePart::kInput, [&](round_files::FileSink sink) { FormatFrozen(*frozen, sink); });
  if (!kept.ok()) return kept;
  return InAttempt(round, *attempt, "FreezeRound", [&](ledger::Operation& operation, RoundRecord& record) {
    v1::Round& changed = *record.mutable_round();
    *changed.mutable_close_time() = base::ToProto(now);
    Describe(*frozen, changed);
    return TakeStep(operation, record, kFreezeStep);
  });
}

void Work::NoteProgress(const v1::Round& round, const v1::RoundProgress& progress) {
  // Progress that cannot be told is no reason to stop: the next is told, or the work ends for the same cause.
  Run("NoteProgress", [&](ledger::Operation& operation) {
    operation.transaction().Put(store::Key(kRoundProgress, round.round_id()), progress.SerializeAsString());
    return absl::OkStatus();
  }).IgnoreError();
}

absl::StatusOr<matching::Clearing> Work::Clear(const v1::Round& round, const round_files::RoundInput& input) {
  const matching::ClearOptions options = {
      .threads = kComputeThreads,
      .target_gap_ppm = round.target_gap_ppm(),
      .time_limit_seconds = static_cast<double>(round.time_limit_seconds()),
      .is_cancelled = limits_.is_stopped,
      .on_progress = [&](const matching::ClearingProgress& progress) { NoteProgress(round, ToProto(progress)); },
      .now_seconds = base::SteadySeconds};
  return ClearAndCheck(input, options);
}

absl::Status Work::KeepFiles(const v1::Round& round, int64_t attempt, ArchivePart part,
                             const std::function<void(round_files::FileSink)>& format) {
  PieceCutter cutter([&](int64_t number, const storage::v1::RoundFilePiece& piece) {
    return InAttempt(round, attempt, "KeepRoundFiles", [&](ledger::Operation& operation, RoundRecord&) {
      operation.transaction().Put(PieceKey(round.round_id(), part, number), piece.SerializeAsString());
      return absl::OkStatus();
    });
  });
  format([&](std::string_view file, std::string_view text) { cutter.Append(file, text); });
  return cutter.Finish();
}

absl::Status Work::KeepLines(const v1::Round& round, int64_t attempt, const std::vector<v1::RoundLine>& lines) {
  for (size_t begin = 0; begin < lines.size(); begin += limits_.rows_at_once) {
    absl::Status kept = InAttempt(round, attempt, "KeepRoundLines", [&](ledger::Operation& operation, RoundRecord&) {
      for (size_t i = begin; i < std::min(begin + limits_.rows_at_once, lines.size()); ++i) {
        operation.transaction().Put(LineKey(round.round_id(), lines[i].number()), lines[i].SerializeAsString());
      }
      return absl::OkStatus();
    });
    if (!kept.ok()) return kept;
  }
  return absl::OkStatus();
}

absl::Status Work::Compute(const v1::Round& round) {
  auto attempt = BeginAttempt(round);
  if (!attempt.ok()) return attempt.status();
  const std::string& id = round.round_id();
  for (const std::string& prefix : {PartPrefix(id, ArchivePart::kResult), store::Key(kRoundLine, id, "")}) {
    if (absl::Status swept = Sweep(round, *attempt, prefix); !swept.ok()) return swept;
  }
  const double start = base::SteadySeconds();
  auto input = LoadInput(*around_.store.Latest(), id, round.input_digest());
  if (!input.ok()) return input.status();
  const double loaded = base::SteadySeconds();
  auto clearing = Clear(round, *input);
  if (!clearing.ok()) return clearing.status();
  round_files::ClearingReport report = round_files::Summarise(input->ids, clearing->contracts, clearing->prices);
  report.welfare_fen = clearing->welfare_fen;
  report.bound_fen = clearing->bound_fen;
  report.gap_ppm = clearing->GapPpm();
  report.seconds = {{"read", loaded - start}, {"clear", base::SteadySeconds() - loaded}};
  report.peak_memory_mib = base::PeakMemoryMib();
  absl::Status kept = KeepFiles(round, *attempt, ArchivePart::kResult, [&](round_files::FileSink sink) {
    round_files::FormatOutcome(input->ids, clearing->contracts, clearing->prices, sink);
    sink(round_files::kReportFile, round_files::FormatReport(report));
  });
  if (!kept.ok()) return kept;
  const std::vector<v1::RoundLine> lines = MakeLines(*input, clearing->contracts);
  if (absl::Status written = KeepLines(round, *attempt, lines); !written.ok()) return written;
  return InAttempt(round, *attempt, "ComputeRound", [&](ledger::Operation& operation, RoundRecord& record) {
    Describe(*clearing, report, *record.mutable_round());
    return TakeStep(operation, record, kComputeStep);
  });
}

absl::Status Work::Settle(const v1::Round& round) {
  bool is_done = false;
  size_t rows_at_once = limits_.rows_at_once;
  while (!is_done) {
    if (limits_.is_stopped()) return absl::OkStatus();
    bool is_end = false;
    absl::Status settled = RunEach("SettleRound", [&](ledger::Operation& operation) {
      auto done = SettleNext(operation, around_.market, round.round_id());
      is_end = done.ok() && *done;
      if (done.ok() && operation.transaction().writes().size() >= rows_at_once) done = true;
      return done;
    });
    // What one order fails by must not fail those beside it: fewer are tried, in the end one by itself.
    if (!settled.ok() && rows_at_once > 1) {
      rows_at_once /= 2;
      continue;
    }
    is_done = settled.ok() && is_end;
    rows_at_once = std::min(rows_at_once * 2, limits_.rows_at_once);
    if (IsLasting(settled)) {
      if (limits_.tell) limits_.tell(round.round_id(), settled);
      settled =
          Run("DropRoundLines", [&](ledger::Operation& operation) { return DropNext(operation, round.round_id()); });
    }
    if (!settled.ok()) return settled;
  }
  return FinishSettling(round);
}

absl::Status Work::FinishSettling(const v1::Round& round) {
  auto attempt = BeginAttempt(round);
  if (!attempt.ok()) return attempt.status();
  absl::Status swept = Sweep(round, *attempt, PartPrefix(round.round_id(), ArchivePart::kSettled));
  if (!swept.ok()) return swept;
  auto reserves = ReservesOf(*around_.store.Latest(), round);
  // Damaged files are no reason to hold the round: without reserves goods go to whoever comes first.
  if (!reserves.ok() && !absl::IsDataLoss(reserves.status())) return reserves.status();
  const std::vector<Reserve> kept_ones = reserves.value_or(std::vector<Reserve>());
  absl::Status kept = KeepFiles(round, *attempt, ArchivePart::kSettled,
                                [&](round_files::FileSink sink) { FormatReserves(kept_ones, sink); });
  if (!kept.ok()) return kept;
  return InAttempt(round, *attempt, "FinishRound", [](ledger::Operation& operation, RoundRecord& record) {
    return TakeStep(operation, record, kFinishStep);
  });
}

}  // namespace zhuxiao::round
