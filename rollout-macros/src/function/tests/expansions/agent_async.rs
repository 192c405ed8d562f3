// #[agent(
//     "desk",
//     user_id = &ticket.customer,
//     flush = "wait",
//     skip(secret),
//     attributes(ticket.id = ticket.id)
// )]
// async fn answer(&self, ticket: &Ticket, secret: Secret) -> Result<String, Error> {
//     self.model.ask(ticket, secret).await
// }

async fn answer(&self, ticket: &Ticket, secret: Secret) -> Result<String, Error> {
    let mut __rollout_call = ::rollout::__private::Prepared::new(
            const {
                &::rollout::__private::Site::new(
                        ::rollout::__private::Kind::Trace,
                        "desk",
                    )
                    .input(true)
                    .output(true)
                    .wait(true)
            },
            |__rollout_opening| {
                __rollout_opening.user_id(::rollout::__private::id(&ticket.customer));
                __rollout_opening
                    .attribute(
                        "ticket.id",
                        ::rollout::__private::capture!(& (ticket.id)),
                    );
                __rollout_opening
                    .argument("ticket", ::rollout::__private::capture!(& ticket));
            },
        )
        .open();
    let __rollout_result = __rollout_call
        .run_async(async move {
            if false {
                return ::rollout::__private::never::<Result<String, Error>>();
            }
            self.model.ask(ticket, secret).await
        })
        .await;
    ::rollout::__private::outcome!(__rollout_call, & __rollout_result);
    __rollout_call.end_async().await;
    __rollout_result
}
