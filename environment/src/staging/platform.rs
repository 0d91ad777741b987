//! The solutions that belong to the platform itself.
//!
//! They are in every environment, whether a list of its solutions names them or not, so a package that requires one of
//! them can be imported. Applications of Dynamics 365 are not among them: an environment has them or not.
//!
//! The names are those that Microsoft's Terraform provider for the Power Platform leaves out of its own checks
//! (`microsoft/terraform-provider-power-platform`, MIT), all by Microsoft's publishers `MicrosoftCorporation`,
//! `adxstudio`, `microsoftdynamics`, `microsoftdynamicslabs` and `microsoftfirstparty`; and the platform's own layers.

use std::{collections::HashSet, sync::LazyLock};

/// Whether a solution of this unique name belongs to the platform.
pub fn is_platform_solution(unique_name: &str) -> bool {
    NAMES.contains(unique_name.to_ascii_lowercase().as_str())
}

static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    FAMILIES
        .iter()
        .flat_map(|(prefix, names)| {
            names.split_whitespace().map(move |name| format!("{prefix}{name}").to_ascii_lowercase())
        })
        .collect()
});

/// Names by what they begin with.
const FAMILIES: &[(&str, &str)] = &[
    ("", "Basic Default System"),
    (
        "",
        "AccessTeam AdvancedAnalyticsInfra ApiMessagesExtension ApiPrivilegeExtension AppElement \
         ApplicationUserSolution AppModule AppModuleMetadataSolution AppModuleSolutionAnchor \
         AppModuleWebResources AppNotifications AuthenticationExtension AuthenticationExtensionApp_Anchor \
         AuthorizationCore BackgroundJobs_Anchor BackgroundServicesApp_Anchor BaseCustomControlsCore \
         BaseCustomControlsCoreExt BulkDeleteApp_Anchor BulkDeleteExtensionSolution \
         CallbackRegistrationApp_Anchor CanvasAppEntityExtensionSolution CanvasAppMetadataExtensionSolution \
         CascadeGrantRevokeAccessVersionTracker CDSRuntimeExtensions_Anchor CDSTransactionalAnalyticsApp_Anchor \
         ChangeTrackingApp_Anchor ComponentHistoryAPIs ComponentVersioning_Anchor CRMDesigners CRMSettingsAPIs \
         CurrencyExtensionApp_Anchor CustomAPIExtensionsApp_Anchor CustomControlsCore DataArchivalApp_Anchor \
         DataEngineCascading DataEngineCascadingXRM DataengineSchemaChanges DataEngineSPsAndIndexes \
         DataflowSolution DataLakeExtensionApp_Anchor datalakeworkspaces DataSyncExtensionApp_Anchor \
         DataValidationApp_Anchor DefaultWorkspaceProd DupDetectionSolutionAwareApp_Anchor \
         EmailDescriptionBlobStore_XRM EntityDataProviderExtensions EnvironmentVariables \
         EnvironmentVariablesPrepareForOneToOne EnvironmentVariablesPrivilegeOverridesSolution \
         EnvironmentVariablesSolutionAnchor EnvironmentVariablesV2 ExportSolutionUpload \
         FileStoreExtensionApp_Anchor FileStoreServiceExtension FileStoreServiceExtensionXrm \
         InsightsAppPlatformApp_Anchor LicenseEnforcement ManagedAnalyticsApp_Anchor ManagedDataLakeApp_Anchor \
         ManagedIdentityApp_Anchor ManagedIdentityExtensions MCPPlatform_Anchor MCPPlatform_Extensions \
         MessageProcessorExtension MetadataExtension MicrosoftDataflowAnchor MicrosoftFlowExtensionsAnchor \
         MicrosoftFlowExtensionsCore MicrosoftFlowExtensionsDefaultContent MicrosoftFlowExtensionsOnline \
         MicrosoftFlowExtensionsWorkflowBinarySa MicrosoftFlowExtensionsWorkflowCustomization \
         MicrosoftS2SApplicationIdentities mobile_MobileOfflineProfileExtensionSolution \
         mobile_MobileOfflineProfileItemExtensionSolution MobileOfflineExtensionApp_Anchor \
         MobileOfflineMembership MobileOfflineSolutionNewSyncApis MobileOfflineSyncInterval \
         NonRelationalCustomActions NonRelationalDataProvider ODatav4DataProvider OrganizationDataSyncSolution \
         PlannerSync_Anchor PlannerSync_Extensions PluginInfrastructureExtensionApp_Anchor \
         PowerAIExtensions_Anchor PowerAppsActions_Anchor PowerAppsAppCopilotApp_Anchor \
         PowerAppsAppFramework_Anchor PowerAppsCollaborationApp_Anchor PowerAppsCommandingApp_Anchor \
         PowerAppsD365AutoInstallApp_Anchor PowerAppsD365TeamsIntegrationApp_Anchor PowerAppsDataVizApp_Anchor \
         PowerAppsExplorationApp_Anchor PowerAppsFormsApp_Anchor PowerAppsModernization_Anchor \
         PowerAppsNativeExperienceApp_Anchor PowerAppsOfflineApp_Anchor PowerAppsPlansApp_Anchor \
         PowerAppsProductivityApp_Anchor PowerAppsSharePointAuthInfraApp_Anchor \
         PowerAppsSharePointIntegrationApp_Anchor PowerAppsSystemFormsApp_Anchor PowerAppsThemingApp_Anchor \
         PowerAppsUnifiedClientExtensionApp_Anchor PowerAppsUXAgentApp_Anchor PowerfxRuleApp_Anchor \
         PowerPages_AppResources PowerPages_Apps PowerPages_Core PowerPages_CoreBase PowerPages_CoreExtensions \
         PowerPages_DataRuntimeS2SAppIdentities_prod PowerPages_RuntimeCore PowerPages_RuntimeCoreDependencies \
         PowerPages_RuntimeCoreExtensions PowerPages_RuntimeExtensions PowerPlatformAppAgentsApp_Anchor \
         PowerPlatformAppsAsMcpInfraApp_Anchor PowerPlatformConnectionReferences \
         PowerPlatformConnectionReferencesAnchor PowerPlatformCortexApp_Anchor PowerPlatformEnvironmentSettings \
         PowerPlatformEnvironmentSettingsApp_Anchor PowerPlatformEnvironmentSettingsEntities \
         PowerPolicyApp_Anchor PowerVirtualAgents PowerVirtualAgentsApiManagedSolution PowerVirtualAgentsCommon \
         PowerVirtualAgentsPrivilegeOverrides PowerVirtualAgentsProd ProcessMining ProcessMiningAnchor \
         ProcessMiningOOBTemplates PurviewApp_Anchor PurviewApp_Extensions PurviewApp_ExtensionsProd \
         S2SApplicationExtension S2SApplicationRoles SampleEditorCustomControl ServicePlanData \
         SettingDefinitionsData SmartDataImportApp_Anchor SolutionComponentConfiguration \
         SolutionComponentConfigurationConfiguration SolutionHistoryAnchor SolutionHistoryAPIs \
         SourceControlIntegration_Anchor StageSolutionUpload SupportUserAccessApp_Anchor TdsListenerMetadataSetup \
         TimezoneExtensionApp_Anchor UnifiedUserManagement_Anchor WebResourcePages WebResourcePagesPatch",
    ),
    (
        "msdyn_",
        "AdvancedFindExtension AgentAppElement AgentConversationMessage AIPrivilegeOverridesSolution AISolution \
         AISolutionAnchor AISolutionDefaultTemplates AISolutionDeprecatedTemplates AISolutionFullAdditions \
         AISolutionProdSetup AITestFrameworkSolution AnalyticsMDL AppCopilotAppApplicationIdentityProd \
         AppCopilotAppInfraSettings AppCopilotFeatures AppCopilotPVABotComponentCollection \
         AppFrameworkInfraExtensions BusinessCopilotAI BusinessCopilotAIAnchor BusinessCopilotAIProd \
         BusinessSkills CDSReportSchemaChanges CollaborativeComments CollaborativeComments_Anchor \
         CommandingALMSolution CommandingSettings ComponentVersioning ConnectionInstances \
         ConnectionInstancesPermissions_PROD ConnectionRoleChildEntityExtension ContextualHelp \
         ContextualHelpAnchor CopilotAnswerControl CopilotFeedback Copresence DataLakeChangeTracking \
         DatalakeFolderPermissionsProd DataSyncPostExternalChangeNotificationAPIs DataSyncState DataSyncStateAPIs \
         DirectDeviceSyncAPIs EmailAddressValidation ExplorationSettings FCSPAIProductivityNSATDialog \
         FeatureControlSetting FeatureControlSettingPlugin FlowApprovals FlowApprovalsCore FormPredict \
         FormsInfraSettings FormsInsightSettings FuzzySearchSettings ImageConfiguration ImageFileExtension \
         InsightsAppPlatform InsightsAppPlatformProd InsightsStoreApiManagedSolution InsightsStoreDataProvider \
         InstantEntity M365CopilotAppInfraSettings McpServerAppElement MobileAppsSolution \
         MobileAppsSolutionAnchor MobileOfflineDirectDeviceSync ModernReports NativeExperienceSettings \
         NLGridSearchSettings OfflineImageDescriptor OfflineSettings PersonalSettings PersonalSettingsDialog \
         PowerAdminSettingsAdministrationSolution PowerAdminSettingsAuditing \
         PowerAdminSettingsDataManagementSolution PowerAdminSettingsEmail PowerAdminSettingsSecuritySolution \
         PowerAIExtensionsBase PowerAIExtensionsProd PowerAppsActions PowerAppsChecker PowerAppsCheckerAnchor \
         PowerAppsCollaborationApp_Mention PowerAppsD365AutoInstallMetadata PowerAppsD365TeamsNotification \
         PowerAppsGridInsightsSettings PowerAppsHideShowAsSettings PowerAppsIntelligentAuthoringApp_Anchor \
         PowerAppsIntelligentConversation PowerAppsMobile_Anchor PowerAppsNLChartSettings \
         PowerAppsNLChartVizSettings PowerAppsNLGridSearchSettings PowerAppsOfficeExtensions PowerAppsPlans \
         PowerAppsSearchFeatures PowerAppsSystemForms PowerAppsThemingSettings PowerAppsViewHierarchySettings \
         PowerBIPersonalDashboard PowerConnectors PowerPlatformAppAgents PowerPlatformCortex RelevanceSearch \
         RelevanceSearch_Anchor RibbonExtensions RichTextEditor SharePointAuthInfraComponents \
         SharePointIntegration SmartDataImportBase SmartDataImportProd SolutionPackageMapping \
         SourceControlIntegration SourceControlIntegrationAppUserProd SourceControlIntegrationBase \
         SuggestedAction SynapseLink SynchronizationSettings SystemAppActions TeamsChatSettings \
         TerritoryHierarchyManagement TimelineExtended UCICalendar UserExperiencesExtendedSettings userrating \
         UserShareSecuredFields UXAgent UXAgentGenPageTypeSetting UXAgentProject UXAgentProjectFileExport \
         VoluntaryFeedback VoluntaryFeedbackProd",
    ),
    (
        "msdynce_",
        "Activities ActivitiesPatch AppCommon AppCommonAnchor AppCommonPatch AppCommonPatch201904 ClientUtility \
         ClientUtilityPatch EnableUCIByDefault KnowledgeManagement KnowledgeManagementAnchor \
         KnowledgeManagementCommonProd KnowledgeManagementConfiguration KnowledgeManagementFeatures \
         KnowledgeManagementHarvestingSolution KnowledgeManagementOnlineExtension \
         KnowledgeManagementOnlineFeatures KnowledgeManagementPatch PortalPrivacyExtensions ServiceLevelAgreement \
         ServiceLevelAgreementAnchor ServiceLevelAgreementExtension ServiceManagementControlsExtension \
         SocialProfile SolutionsFrameworkExtensions SolutionsFrameworkMetadata",
    ),
    (
        "msft_",
        "_DVInfoProtectionComponentsAnchor _DVInfoProtectionComponentsProd AccessCheckerExtension \
         ActivitiesInfra_Anchor ActivitiesInfra_Extensions AIPlatformExtensions_Anchor \
         AIPlatformExtensionsApiManaged AIPlatformExtensionsComponents AIPlatformExtensionsCore \
         AIPlatformExtensionsCoreData AppFrameworkPlatformFeatures AsyncAttributeMetadataApp \
         AsyncJobDependencyTokenExtension AsyncServiceExtensionsApp_Anchor AsyncServiceExtensionsAppCDS_Anchor \
         AsyncServiceInfrastructure Auditing authenticationextension authenticationextensionmetadata \
         AuthorizationData AuthorizationUI BackgroundJobs BackgroundServicesExtension CallbackRegistration \
         CatalogFramework CDMBusinessExtensions_Anchor ColumnLevelSecurity ColumnLevelSecurityData \
         ConnectorProvider ConnectorProviderAnchor ConnectorProviderMI_PROD ContactAndAccount_Extensions \
         ContextTypeRulesExtensions CurrencyExtension CustomAPIFramework DaaC_EntityClusterConfigData_Core \
         DaaC_EntityClusterConfigData_Xrm DaacMetadata DataArchivalBaseComponents DataEngineIndexMgmt \
         DataModelingCDSStd_Anchor DefaultCatalogs DelegatedAuthorization DupDetectionComponent \
         DupDetectionDependencyNodeUpdate DupDetectionExcludeOTC DupDetectionNewColumnsExtension \
         DupDetectionPopulateNewColumnsExtension DupDetectionUpdateAttributes DVInfoProtectionComponents \
         FormulaFieldsApp_Anchor FormulaInfra InventoryAnalytics ipfirewallplugin LocalizationExtension \
         LocalizationExtensionApp_Anchor MakerPortalCollaboration ModernizationSettings ModernShellPlatformApi \
         ModernShellPlatformApiProd OfficeIntegration-Extension PluginInfrastructure \
         PluginInfrastructureExtension PowerAppsCards PowerAppsCardsApplicationIdentityProd \
         PowerAppsCollaborationCommon PowerAppsUnifiedClientInfraExtensions PowerAppsWebClientExtensions \
         PowerfxRuleSolution PowerfxRuleSolutionApi PowerfxRuleSolutionExtension powerplatformmanagedidentity \
         powerplatformmanagedidentityextension powerpolicy powerpolicyProd PrivilegeChecker RealTimeCollaboration \
         RealTimeCollaborationApp_Anchor RecycleBinApp_Anchor RecycleBinBaseComponents RecycleBinUI \
         RetentionApiManagedSolution RetentionEnableConfigurationsV2 RoleBasedAccessControl RoleEditor \
         RoleEditorData RollupFieldsApp_Anchor RollupFieldsExtension RuntimeExtensions RuntimeIntegration \
         SASURIRestrictionSettingsExtension ServerSideSync_Anchor ServerSideSync_Extensions \
         ServiceEndpointExtensions ServiceEndpointInfrastructure supportbasecomponent TdsFunctions \
         TimezoneExtension UCIClientAuth UCIClientAuthProd UnifiedClientCommandingExtension \
         UnifiedClientLookupExtension UnifiedClientSystemForm UnifiedClientWebResourceFileType \
         UnifiedUserManagement ViewHierarchyRibbonExtensions",
    ),
    ("mspcat_", "CatalogPackaging CatalogPackagingSupport_oce CatalogServiceIdentities_oce"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_own_solutions_are_told_from_applications_and_from_solutions_of_others() {
        for name in [
            "AppModuleWebResources",
            "msdyn_AISolution",
            "MSDYNCE_appcommon",
            "msft_OfficeIntegration-Extension",
            "Basic",
        ] {
            assert!(is_platform_solution(name), "{name}");
        }
        for name in ["FieldService", "msdynce_Sales", "msdyn_ProjectServiceCore", "SparkleXRM", "", "msdyn_"] {
            assert!(!is_platform_solution(name), "{name}");
        }
    }
}
