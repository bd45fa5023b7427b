#include "services/directory/supplier_states.h"

namespace zhuxiao::directory {
namespace {

struct StateStep {
  v1::SupplierState from;
  SupplierAction action;
  v1::SupplierState to;
};

constexpr StateStep kSteps[] = {
    {v1::SUPPLIER_STATE_APPLIED, SupplierAction::kRecommend, v1::SUPPLIER_STATE_RECOMMENDED},
    {v1::SUPPLIER_STATE_APPLIED, SupplierAction::kRemove, v1::SUPPLIER_STATE_REMOVED},
    {v1::SUPPLIER_STATE_RECOMMENDED, SupplierAction::kActivate, v1::SUPPLIER_STATE_ACTIVE},
    {v1::SUPPLIER_STATE_RECOMMENDED, SupplierAction::kRemove, v1::SUPPLIER_STATE_REMOVED},
    {v1::SUPPLIER_STATE_ACTIVE, SupplierAction::kSuspend, v1::SUPPLIER_STATE_SUSPENDED},
    {v1::SUPPLIER_STATE_SUSPENDED, SupplierAction::kActivate, v1::SUPPLIER_STATE_ACTIVE},
    {v1::SUPPLIER_STATE_SUSPENDED, SupplierAction::kRemove, v1::SUPPLIER_STATE_REMOVED},
};

}  // namespace

std::optional<v1::SupplierState> NextState(v1::SupplierState state, SupplierAction action) {
  for (const StateStep& step : kSteps) {
    if (step.from == state && step.action == action) return step.to;
  }
  return std::nullopt;
}

}  // namespace zhuxiao::directory
