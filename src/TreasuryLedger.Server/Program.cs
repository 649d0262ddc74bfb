using TreasuryLedger.Server.Platform.Cli;

return await CommandLine.RunAsync(args, Console.Out, Console.Error);
