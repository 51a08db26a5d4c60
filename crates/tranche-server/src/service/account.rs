//! Accounts.

use tonic::{Request, Response, Status};
use tranche_core::account::Account;
use tranche_core::command::Command;
use tranche_proto::v1::account_service_server::AccountService;
use tranche_proto::v1::{GetAccountRequest, GetAccountResponse, UpdateAccountRequest, UpdateAccountResponse};

use super::{Edge, open};
use crate::status::Refusal;
use crate::wire::account;

#[tonic::async_trait]
impl AccountService for Edge {
    async fn get_account(
        &self,
        request: Request<GetAccountRequest>,
    ) -> Result<Response<GetAccountResponse>, Status> {
        let (account_id, GetAccountRequest {}) = open(request);
        let found = self.store.account(&account_id).await.map_err(Refusal::from)?;
        let row = found.unwrap_or_else(|| Account::unseen(account_id));
        let account = Some(account::account(&row));
        Ok(Response::new(GetAccountResponse { account }))
    }

    async fn update_account(
        &self,
        request: Request<UpdateAccountRequest>,
    ) -> Result<Response<UpdateAccountResponse>, Status> {
        let (account_id, request) = open(request);
        let command = account::update(&account_id, &request)?;
        Ok(Response::new(self.answer(Command::UpdateAccount(command)).await?))
    }
}
