// #[task]
// async fn serve() -> ! {
//     run().await
// }

async fn serve() -> ! {
    let mut __rollout_call = ::rollout::__private::Prepared::new(
            const {
                &::rollout::__private::Site::new(
                    ::rollout::__private::Kind::Span("task"),
                    "serve",
                )
            },
            |__rollout_opening| {},
        )
        .open();
    __rollout_call.run_async(async move { run().await }).await
}
