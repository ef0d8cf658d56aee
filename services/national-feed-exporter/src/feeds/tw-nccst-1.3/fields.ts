/** One field of the record: its place, element name, greatest length in code points (null: none) and whether it must hold something. */
export interface Field {
  no: number
  name: string
  maxCodePoints: number | null
  mandatory: boolean
}

const field = <Name extends string>(no: number, name: Name, maxCodePoints: number | null, mandatory: boolean) => ({
  no,
  name,
  maxCodePoints,
  mandatory,
})

/**
 * The 28 fields in order (SOP V1.3 Appendix 1, TW-R01 to TW-R28). Names have underscores and no blanks (note 3);
 * lengths count Unicode code points, as XSD's maxLength does (AMB-TW3).
 */
export const FIELDS = [
  field(1, 'Organization', 40, true),
  field(2, 'Event_ID', 40, true),
  field(3, 'Customer_Name', 255, true),
  field(4, 'Customer_ID', 255, true),
  field(5, 'Subject', 255, true),
  field(6, 'Base_Event_ID', 40, false),
  field(7, 'Event_Name', 255, true),
  field(8, 'Start_Time', 25, true),
  field(9, 'End_Time', 25, true),
  field(10, 'Connector_Translated_Zone_Reference_ID', 40, false),
  field(11, 'Source_Address', 40, true),
  field(12, 'Target_Address', 40, true),
  field(13, 'Source_Port', 40, false),
  field(14, 'Target_Port', 40, false),
  field(15, 'Source_Geo_Descriptor', 40, false),
  field(16, 'Target_Geo_Descriptor', 40, false),
  field(17, 'Event_Attacking_Technical', 255, false),
  field(18, 'Events_Description', 255, true),
  field(19, 'Event_Message', 255, true),
  field(20, 'Event_Vulnerability', 255, false),
  field(21, 'Event_Severity', 20, true),
  field(22, 'Device_Translated_Zone_Reference_ID', 255, false),
  field(23, 'Triggered_Rule_Name', 255, false),
  field(24, 'Correlated_Rule_Name', 255, false),
  field(25, 'Correlated_Rule_ID', 255, false),
  field(26, 'Correlated_Raw_Event_ID', 255, false),
  field(27, 'Aggregated_Count', 40, true),
  field(28, 'Attachment', null, false),
] as const satisfies readonly Field[]

export type FieldName = (typeof FIELDS)[number]['name']

/** The 28 values of one ticket, by element name. */
export type FieldValues = Readonly<Record<FieldName, string>>

/** What a mandatory field without a value holds (note 5). */
export const NULL_TEXT = 'NULL'
