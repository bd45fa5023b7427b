// A server of a few services for tests of the clients: each method does what a test says, over a real connection.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "clients/cpp/client.h"
#include "google/rpc/status.pb.h"
#include "services/base/errors.h"
#include "zhuxiao/directory/v1/directory.grpc.pb.h"
#include "zhuxiao/listing/v1/listing.grpc.pb.h"
#include "zhuxiao/order/v1/order.grpc.pb.h"
#include "zhuxiao/reward/v1/reward.grpc.pb.h"

namespace zhuxiao::client {

// `status` as a server sends it, details included.
inline grpc::Status ToWire(const absl::Status& status) {
  google::rpc::Status details;
  details.set_code(status.raw_code());
  details.set_message(std::string(status.message()));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& value) {
    auto* detail = details.add_details();
    detail->set_type_url(std::string(type_url));
    detail->set_value(std::string(value));
  });
  return {static_cast<grpc::StatusCode>(status.raw_code()), std::string(status.message()), details.SerializeAsString()};
}

// A method of a fake service: answers from `Request`, and records it.
template <typename Request, typename Response>
struct FakeMethod {
  std::function<absl::Status(const Request&, Response&)> answer = [](const Request&, Response&) {
    return absl::OkStatus();
  };
  std::vector<Request> requests;

  grpc::Status operator()(const Request& request, Response& response) {
    const std::lock_guard lock(mutex);
    requests.push_back(request);
    return ToWire(answer(request, response));
  }
  std::mutex mutex;
};

class FakeListings final : public listing::v1::ListingService::Service {
 public:
  grpc::Status CreateListing(grpc::ServerContext* context, const listing::v1::CreateListingRequest* request,
                             listing::v1::CreateListingResponse* response) override {
    const auto it = context->client_metadata().find("authorization");
    authorization = it == context->client_metadata().end() ? "" : std::string(it->second.data(), it->second.size());
    return create(*request, *response);
  }
  grpc::Status UpdateListing(grpc::ServerContext*, const listing::v1::UpdateListingRequest* request,
                             listing::v1::UpdateListingResponse* response) override {
    return update(*request, *response);
  }
  grpc::Status ListListings(grpc::ServerContext*, const listing::v1::ListListingsRequest* request,
                            listing::v1::ListListingsResponse* response) override {
    return list(*request, *response);
  }

  FakeMethod<listing::v1::CreateListingRequest, listing::v1::CreateListingResponse> create;
  FakeMethod<listing::v1::UpdateListingRequest, listing::v1::UpdateListingResponse> update;
  FakeMethod<listing::v1::ListListingsRequest, listing::v1::ListListingsResponse> list;
  std::string authorization;
};

class FakeOrders final : public order::v1::OrderService::Service {
 public:
  grpc::Status PlaceOrder(grpc::ServerContext*, const order::v1::PlaceOrderRequest* request,
                          order::v1::PlaceOrderResponse* response) override {
    return place(*request, *response);
  }
  // A contract is of the commodity its id begins with: egg-1, cattle-1. One with another beginning is unknown.
  grpc::Status GetContract(grpc::ServerContext*, const order::v1::GetContractRequest* request,
                           order::v1::GetContractResponse* response) override {
    const std::string& id = request->contract_id();
    const std::string commodity = id.substr(0, id.find('-'));
    if (commodity != "egg" && commodity != "cattle") return ToWire(base::NotFound("contract", id));
    response->mutable_contract()->set_commodity_code(commodity);
    return grpc::Status::OK;
  }
  grpc::Status ShipContract(grpc::ServerContext*, const order::v1::ShipContractRequest* request,
                            order::v1::ShipContractResponse* response) override {
    return ship(*request, *response);
  }
  FakeMethod<order::v1::PlaceOrderRequest, order::v1::PlaceOrderResponse> place;
  FakeMethod<order::v1::ShipContractRequest, order::v1::ShipContractResponse> ship;
};

class FakeRewards final : public reward::v1::RewardService::Service {
 public:
  grpc::Status ReportSales(grpc::ServerContext*, grpc::ServerReader<reward::v1::ReportSalesRequest>* reader,
                           reward::v1::ReportSalesResponse* response) override {
    // One report at a time, as clients may send several.
    const std::lock_guard lock(mutex_);
    reward::v1::ReportSalesRequest batch;
    int64_t index = 0;
    while (reader->Read(&batch)) {
      batches.push_back(batch);
      for (const auto& entry : batch.entries()) take(entry, index++, *response);
    }
    return ToWire(outcome);
  }
  std::vector<reward::v1::ReportSalesRequest> batches;
  std::function<void(const reward::v1::SaleEntry&, int64_t, reward::v1::ReportSalesResponse&)> take =
      [](const auto&, int64_t, auto& response) { response.set_taken_count(response.taken_count() + 1); };
  absl::Status outcome;

 private:
  std::mutex mutex_;
};

class FakeDirectory final : public directory::v1::DirectoryService::Service {
 public:
  grpc::Status GetCommodity(grpc::ServerContext*, const directory::v1::GetCommodityRequest* request,
                            directory::v1::GetCommodityResponse* response) override {
    response->mutable_commodity()->set_code(request->code());
    response->mutable_commodity()->set_base_unit(request->code() == "cattle" ? directory::v1::BASE_UNIT_PIECE
                                                                             : directory::v1::BASE_UNIT_GRAM);
    response->mutable_commodity()->set_is_catch_weight(request->code() == "cattle");
    return grpc::Status::OK;
  }
};

// Listens on a port of its own while it lives.
class FakeServer {
 public:
  FakeServer() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&listings);
    builder.RegisterService(&orders);
    builder.RegisterService(&rewards);
    builder.RegisterService(&directory);
    server_ = builder.BuildAndStart();
  }
  ~FakeServer() { server_->Shutdown(std::chrono::system_clock::now()); }

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }

  FakeListings listings;
  FakeOrders orders;
  FakeRewards rewards;
  FakeDirectory directory;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace zhuxiao::client
