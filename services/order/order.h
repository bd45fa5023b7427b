// Orders and contracts, as other modules read them. The methods of OrderService stand in placing.h,
// contract_steps.h and reading.h; the upkeep by time in upkeep.h.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/store/page.h"
#include "services/store/store.h"
#include "zhuxiao/order/v1/order.pb.h"

namespace zhuxiao::order {

// NOT_FOUND where there is none; DATA_LOSS where the row is damaged.
absl::StatusOr<v1::Order> GetOrder(store::Reader& reader, std::string_view order_id);
absl::StatusOr<v1::Contract> GetContract(store::Reader& reader, std::string_view contract_id);

// Call `visit` with every order, and every contract, in the order they were made.
absl::Status ForEachOrder(store::Reader& reader, const std::function<absl::Status(const v1::Order&)>& visit);
absl::Status ForEachContract(store::Reader& reader, const std::function<absl::Status(const v1::Contract&)>& visit);

// Calls `visit` with every contract of an organisation, as seller or buyer, in the order they were made.
absl::Status ForEachContractOf(store::Reader& reader, std::string_view uscc,
                               const std::function<absl::Status(const v1::Contract&)>& visit);

// The same for a supplier's contracts that are neither settled nor void, as its seller.
absl::Status ForEachContractUnderWay(store::Reader& reader, std::string_view supplier_uscc,
                                     const std::function<absl::Status(const v1::Contract&)>& visit);

// Calls `visit` with every contract of the supplier that was settled in the calendar year of Asia/Shanghai.
absl::Status ForEachSettledContract(store::Reader& reader, std::string_view supplier_uscc, int year,
                                    const std::function<absl::Status(const v1::Contract&)>& visit);

// Rows that an index written by a version of the product before kOver was does not have yet: adds the ones that say
// that a contract is over to `marks`, from a page that begins after page.after and reads page.size contracts. Answers
// the key to go on after, empty at the end. What is over stays so: the rows may be written whenever.
absl::StatusOr<std::string> FindMarks(store::Reader& reader, const store::PageRequest& page,
                                      std::vector<store::KeyValue>& marks);

}  // namespace zhuxiao::order
